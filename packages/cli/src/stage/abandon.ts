import { abandon as abandonSecondary, situationOf, stages } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { byWhom } from "./by.ts";
import { handsOf } from "./change.ts";
import { guardFor } from "./guard.ts";
import type { StageOptions } from "./options.ts";
import { wire } from "./wiring.ts";

/** Ends replication at the primary as it is, step by step, also with the secondary dead. */
export const abandon =
  (options: StageOptions): Command =>
  async (context) => {
    const { dryRun = false, module } = options;
    const wired = wire(context, module);
    const { at } = await situationOf(wired.sides);
    const { primary, secondary } = stages[at.stage];
    if (dryRun || secondary === null)
      return {
        holds: true,
        result: { module, dryRun, from: at.stage, primary, secondary },
        lines: [
          secondary === null
            ? `${module} is at "${at.stage}", where nothing is replicated`
            : `${module} would go from "${at.stage}" to "${primary}", and ${secondary} would be left as it is`,
        ],
      };
    const guard = guardFor(context, wired, options);
    const view = await abandonSecondary({ ...handsOf(context, wired, byWhom(options, "abandon")), guard });
    return {
      holds: true,
      result: { module, dryRun, from: at.stage, ...view },
      lines: [
        `${module}: from "${at.stage}" to "${view.stage}"; ${view.primary} alone holds the data, epoch ${view.epoch}`,
      ],
    };
  };
