import { changeStage, recover, type StageChange } from "../move.ts";
import { stages } from "../stages.ts";
import type { StageView } from "../view.ts";

/**
 * Ends replication at the primary as it is, with the secondary dead: one legal step after the other, each under the guard given.
 * Does nothing where nothing is replicated. @throws as `changeStage`
 */
export async function abandon(change: Omit<StageChange, "target">): Promise<StageView> {
  let view = await recover(change);
  while (view.secondary !== null) {
    const { next, previous } = stages[view.stage];
    const target = view.primary === "postgres" ? next : previous;
    // Where something is replicated there is a stage on either side.
    if (target === null) return view;
    view = await changeStage({ ...change, target });
  }
  return view;
}
