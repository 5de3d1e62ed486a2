import type { Commands } from "@stellaops/testkit/module";
import { initial } from "./initial.ts";
import { routingReads, routingWrites } from "./routing/commands.ts";
import { workReads, workWrites } from "./work/commands.ts";

export const commands: Commands = {
  reads: { ...routingReads, ...workReads },
  writes: { ...routingWrites, ...workWrites },
  initial,
};
