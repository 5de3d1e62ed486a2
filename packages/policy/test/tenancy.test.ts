import { tenancySuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { calls } from "./calls.ts";
import { fill } from "./fill.ts";

tenancySuite({ wiring, calls, fill });
