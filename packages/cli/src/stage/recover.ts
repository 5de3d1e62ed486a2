import { recover as recoverStage, situationOf } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { byWhom } from "./by.ts";
import { handsOf } from "./change.ts";
import type { StageOptions } from "./options.ts";
import { patienceOf } from "./patience.ts";
import { wire } from "./wiring.ts";
import { withReplication } from "./with-replication.ts";

/** Finishes, or reverts, a change that somebody left under way; retires the copy of a database that was given up and is back. */
export const recover =
  (options: StageOptions): Command =>
  async (context) => {
    const { dryRun = false, revert = false, module } = options;
    const wired = wire(context, module);
    const situation = await situationOf(wired.sides);
    const { kind, at } = situation;
    const older = situation.kind === "moved" ? undefined : situation.older;
    const found = { kind, stage: at.stage, target: at.target, ...(older === undefined ? {} : { older }) };
    if (dryRun || (kind === "settled" && older === undefined))
      return {
        holds: true,
        result: { module, dryRun, found, stage: at.stage, epoch: at.epoch },
        lines: [
          ...(older === undefined ? [] : [`the copy in ${older.database}, of epoch ${older.epoch}, would be retired`]),
          kind === "settled"
            ? `${module} is settled at "${at.stage}"; there is nothing ${older === undefined ? "" : "else "}to recover`
            : `${module}: a change from "${at.stage}" is under way (${kind}) and would be ${revert ? "reverted" : "finished"}`,
        ],
      };
    const view = await withReplication(context, wired, async () =>
      recoverStage({
        ...handsOf(context, wired, byWhom(options, "recover")),
        ...(await patienceOf(context, wired, options)),
        revert,
      }),
    );
    return {
      holds: true,
      result: { module, dryRun, found, ...view },
      lines: [
        ...(older === undefined ? [] : [`the copy in ${older.database}, of epoch ${older.epoch}, is retired`]),
        `${module} is settled at "${view.stage}", epoch ${view.epoch}`,
      ],
    };
  };
