import { recover as recoverStage, situationOf } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { byWhom } from "./by.ts";
import { handsOf } from "./change.ts";
import type { StageOptions } from "./options.ts";
import { wire } from "./wiring.ts";
import { withReplication } from "./with-replication.ts";

/** Finishes, or reverts, a change that somebody left under way. */
export const recover =
  (options: StageOptions): Command =>
  async (context) => {
    const { dryRun = false, revert = false, module } = options;
    const wired = wire(context, module);
    const { kind, at } = await situationOf(wired.sides);
    const found = { kind, stage: at.stage, target: at.target };
    if (dryRun || kind === "settled")
      return {
        holds: true,
        result: { module, dryRun, found, stage: at.stage, epoch: at.epoch },
        lines: [
          kind === "settled"
            ? `${module} is settled at "${at.stage}"; there is nothing to recover`
            : `${module}: a change from "${at.stage}" is under way (${kind}) and would be ${revert ? "reverted" : "finished"}`,
        ],
      };
    const view = await withReplication(context, wired, () =>
      recoverStage({ ...handsOf(context, wired, byWhom(options, "recover")), revert }),
    );
    return {
      holds: true,
      result: { module, dryRun, found, ...view },
      lines: [`${module} is settled at "${view.stage}", epoch ${view.epoch}`],
    };
  };
