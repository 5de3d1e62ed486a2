import { wiring } from "@stellaops/authority";
import { verbsSuite } from "@stellaops/testkit/module";
import { commands } from "./commands.ts";

verbsSuite(wiring, commands);
