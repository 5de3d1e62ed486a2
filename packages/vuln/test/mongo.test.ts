import { contractSuite } from "@stellaops/testkit/module";
import { wiring } from "@stellaops/vuln";
import { contracts } from "./contract/index.ts";

contractSuite(wiring, "mongo", contracts);
