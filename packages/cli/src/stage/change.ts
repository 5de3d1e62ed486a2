import {
  assertStep,
  changeStage,
  drainedOf,
  drainedWithCapture,
  isStage,
  recover,
  situationOf,
  stageNames,
  stages,
  type Change,
  type Evidence,
  type Stage,
  type StageView,
} from "@stellaops/cutover";
import { dataError, isDataLayerError, refused } from "@stellaops/kernel";
import type { Command, Context, Outcome } from "../context.ts";
import { byWhom } from "./by.ts";
import { patienceOf } from "./patience.ts";
import { guardFor } from "./guard.ts";
import type { StageOptions } from "./options.ts";
import { settledView, wire, type Wired } from "./wiring.ts";
import { withReplication } from "./with-replication.ts";

type Way = "advance" | "back";

/** One step forward or back, under its guard. */
export const change =
  (way: Way, options: StageOptions): Command =>
  async (context) => {
    const to = options.to === undefined ? undefined : stageOf(options.to);
    const wired = wire(context, options.module);
    if (options.dryRun === true) return look(context, wired, { options, way, to });
    const who = byWhom(options, way);
    return withReplication(context, wired, async () => {
      const hands = { ...handsOf(context, wired, who), ...(await patienceOf(context, wired, options)) };
      const from = await recover(hands);
      const target = targetOf(from, way, to);
      let started = performance.now();
      let evidence: Evidence | null = null;
      const guard = guardFor(context, wired, options);
      const view = await changeStage({
        ...hands,
        target,
        guard: async (at, next) => {
          evidence = await guard(at, next);
          // What is told is how long callers had to wait.
          started = performance.now();
          return evidence;
        },
      });
      const ms = Math.round(performance.now() - started);
      return {
        holds: true,
        result: { module: wired.module.name, dryRun: false, from: from.stage, to: view.stage, ...view, evidence, ms },
        lines: [
          view.epoch === from.epoch
            ? `${wired.module.name} is at "${view.stage}" already`
            : `${wired.module.name}: from "${from.stage}" to "${view.stage}" in ${ms} ms; the primary is ${view.primary}, epoch ${view.epoch}`,
        ],
      };
    });
  };

export const handsOf = (
  { logger, signal }: Context,
  { sides, replicas, mongo }: Wired,
  who: { readonly by: string; readonly reason: string },
): Change & { readonly reason: string } => ({
  sides,
  drained: drainedWithCapture(drainedOf(replicas), mongo.db),
  logger,
  signal,
  ...who,
});

/** What the guard says today; nothing is changed, and nothing is drained either. */
async function look(
  context: Context,
  wired: Wired,
  { options, way, to }: { readonly options: StageOptions; readonly way: Way; readonly to: Stage | undefined },
): Promise<Outcome> {
  const view = await settledView(wired);
  const target = targetOf(view, way, to);
  const { at } = await situationOf(wired.sides);
  const result = { module: wired.module.name, dryRun: true, from: view.stage, to: target };
  if (target === view.stage)
    return { holds: true, result: { ...result, evidence: null }, lines: [`${at.module} is at "${target}" already`] };
  try {
    const evidence = await guardFor(context, wired, options)(at, target);
    const saw = evidence.checks.length === 0 ? "the step is free" : "the guard passes";
    return {
      holds: true,
      result: { ...result, evidence },
      lines: [`${at.module}: from "${view.stage}" to "${target}": ${saw}`],
    };
  } catch (error) {
    if (!isDataLayerError(error) || error.code !== "STAGE_GUARD") throw error;
    const { evidence } = error.details;
    return { holds: false, result: { ...result, evidence }, lines: [`STAGE_GUARD: ${error.message}`] };
  }
}

function targetOf({ stage }: StageView, way: Way, to: Stage | undefined): Stage {
  if (to === stage) return to;
  const { next, previous } = stages[stage];
  const near = way === "advance" ? next : previous;
  if (near === null)
    throw refused("STAGE_END", `"${stage}" is the ${way === "advance" ? "last" : "first"} stage; there is none beyond`);
  if (to === undefined || to === near) return near;
  assertStep(stage, to);
  throw refused("STAGE_STEP", `from "${stage}" \`stage ${way}\` goes to "${near}", not to "${to}"`);
}

/** @throws `STAGE_WORD` (data) */
export function stageOf(text: string): Stage {
  if (isStage(text)) return text;
  throw dataError("STAGE_WORD", `"${text}" is no stage; the stages are, in this order: ${stageNames.join(", ")}`, {
    details: { word: text, stages: stageNames },
  });
}
