import { wiring } from "@stellaops/authority";
import { contractSuite } from "@stellaops/testkit/module";
import { contracts } from "./contract/index.ts";

contractSuite(wiring, "postgres", contracts);
