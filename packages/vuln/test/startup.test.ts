import { startupSuite } from "@stellaops/testkit/module";
import { wiring } from "@stellaops/vuln";

startupSuite(wiring);
