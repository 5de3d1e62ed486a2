import { wiring } from "@stellaops/authority";
import { differentialSuite } from "@stellaops/testkit/module";
import { commands } from "./commands.ts";

differentialSuite(wiring, commands);
