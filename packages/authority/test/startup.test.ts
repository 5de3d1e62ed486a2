import { wiring } from "@stellaops/authority";
import { startupSuite } from "@stellaops/testkit/module";

startupSuite(wiring);
