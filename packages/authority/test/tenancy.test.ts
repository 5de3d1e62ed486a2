import { wiring } from "@stellaops/authority";
import { tenancySuite } from "@stellaops/testkit/module";
import { calls } from "./calls.ts";
import { fill } from "./fill.ts";

tenancySuite({ wiring, calls, fill });
