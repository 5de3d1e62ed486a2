import { verbsSuite } from "@stellaops/testkit/module";
import { wiring } from "../src/index.ts";
import { commands } from "./commands.ts";

verbsSuite(wiring, commands);
