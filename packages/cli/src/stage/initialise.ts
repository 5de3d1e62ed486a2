import { initialise, showStage } from "@stellaops/cutover";
import { dataError, refused } from "@stellaops/kernel";
import type { Command } from "../context.ts";
import { byWhom } from "./by.ts";
import { stageOf } from "./change.ts";
import type { StageOptions } from "./options.ts";
import { reachBoth, wire } from "./wiring.ts";

/** Gives a module its stage record, at the database that holds its data now. */
export const init =
  (options: StageOptions): Command =>
  async (context) => {
    const stage = stageOf(options.stage ?? "");
    if (stage !== "mongo" && stage !== "postgres")
      throw dataError(
        "STAGE_WORD",
        `a module begins at "mongo" or at "postgres", where its data is now, not at "${stage}"`,
      );
    const wired = wire(context, options.module);
    const { name } = wired.module;
    await reachBoth(wired);
    if (options.dryRun === true) {
      const { situation } = await showStage(wired.sides);
      if (situation.kind !== "none") throw refused("STAGE_EXISTS", `module ${name} has a stage record already`);
      return {
        holds: true,
        result: { module: name, dryRun: true, stage },
        lines: [`${name} would begin at "${stage}"`],
      };
    }
    const view = await initialise({ sides: wired.sides, module: name, stage, ...byWhom(options, "init") });
    return {
      holds: true,
      result: { module: name, dryRun: false, ...view },
      lines: [`${name} begins at "${view.stage}", epoch ${view.epoch}`],
    };
  };
