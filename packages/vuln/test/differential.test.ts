import { differentialSuite } from "@stellaops/testkit/module";
import { wiring } from "@stellaops/vuln";
import { commands } from "./commands.ts";

differentialSuite(wiring, commands);
