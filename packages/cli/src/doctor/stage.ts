import { situationOf, stages } from "@stellaops/cutover";
import { codeOf, refused, type ModuleDefinition } from "@stellaops/kernel";
import type { Context } from "../context.ts";
import { wire } from "../stage/wiring.ts";
import type { Probes } from "./probe.ts";

/** Is the stage settled, and is anything parked? */
export const lookAtStage = async (context: Context, module: ModuleDefinition, probes: Probes): Promise<void> => {
  const { name } = module;
  const fixed = context.settings.stage(name);
  await probes.look("stage", async () => {
    if (fixed === "mongo" || fixed === "postgres") return `fixed to "${fixed}" by configuration`;
    const wired = wire(context, name);
    const { kind, at } = await situationOf(wired.sides).catch((error: unknown) => {
      if (codeOf(error) !== "STAGE_NONE") throw error;
      throw refused(
        "STAGE_NONE",
        `there is no stage record; run \`stella-data stage init --module ${name} --stage mongo\`, or set STELLA_${name.toUpperCase()}_STAGE to the one database it runs on`,
      );
    });
    if (kind !== "settled")
      throw refused(
        "STAGE_UNDER_WAY",
        `a change from "${at.stage}" is under way (${kind}); run \`stella-data stage recover --module ${name}\``,
      );
    if (stages[at.stage].secondary === null) return `"${at.stage}", epoch ${at.epoch}`;
    const { pending, parked } = await wired.replicas[at.database].backlog();
    if (parked > 0)
      throw refused(
        "KEYS_PARKED",
        `"${at.stage}": the secondary refused ${parked} keys; \`stella-data compare run --module ${name}\` names them: write them again in a form that both databases take`,
      );
    return `"${at.stage}", epoch ${at.epoch}, ${pending} pending`;
  });
};
