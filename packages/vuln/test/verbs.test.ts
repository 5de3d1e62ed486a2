import { verbsSuite } from "@stellaops/testkit/module";
import { wiring } from "@stellaops/vuln";
import { commands } from "./commands.ts";

verbsSuite(wiring, commands);
