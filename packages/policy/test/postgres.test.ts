import { contractSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { contracts } from "./contract/index.ts";

contractSuite(wiring, "postgres", contracts);
