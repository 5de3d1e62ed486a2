import { contractSuite } from "@stellaops/testkit/module";
import { contracts } from "./contracts.ts";
import { press } from "./wiring.ts";

contractSuite(press, "mongo", contracts);
