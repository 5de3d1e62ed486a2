import type { ModuleDefinition } from "@stellaops/kernel";
import type { Faults } from "../faults.ts";
import type { Sides } from "../side.ts";
import { otherDatabase } from "../stages.ts";
import type { StageView } from "../view.ts";
import { drain } from "./drain.ts";
import { aggregatesOf, type Replicas } from "./pair.ts";
import type { Progress } from "./progress.ts";

export interface Finish {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly sides: Sides;
  readonly progress: Progress;
  readonly view: StageView;
  readonly faults: Faults;
  readonly signal: AbortSignal;
}

export interface Finished {
  /** Keys that the secondary refuses, after all of them were tried once more. */
  readonly parked: number;
  /** Rows of the secondary that no apply of this generation had touched. */
  readonly swept: number;
}

/** What follows when every range is copied; may be repeated, and done by two at once. */
export async function finish({ module, replicas, sides, progress, view, faults, signal }: Finish): Promise<Finished> {
  const { generation, primary } = view;
  await progress.finish(generation, "backfilled_at");
  await faults.at("backfill-finished");
  const secondary = otherDatabase(primary);
  // Older applies are refused from here on: the register cannot guard a key that has no row there.
  await sides[secondary].fence.closeApplies(generation, view.generations);
  await faults.at("backfill-closed");
  let swept = 0;
  for (const aggregate of module.aggregates) swept += await replicas[secondary].sweep(aggregate, generation, signal);
  await faults.at("backfill-swept");
  // What older rows held there, a unique value for one, is gone now.
  await replicas[primary].unpark();
  await progress.finish(generation, "swept_at");
  await faults.at("backfill-recorded");
  const aggregates = aggregatesOf(module);
  await drain({ aggregates, replicas, faults, signal }, () => view);
  const { parked } = await replicas[primary].backlog();
  return { parked, swept };
}
