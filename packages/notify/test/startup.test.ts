import { startupSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";

startupSuite(wiring);
