import { refused, transient } from "@stellaops/kernel";
import type { Change } from "./change.ts";
import { noFaults } from "./faults.ts";
import type { StageRecord } from "./record.ts";
import { situationOf } from "./situation.ts";
import { assertStep } from "./stages.ts";
import type { Stage } from "./stages.ts";
import { decide, openAgain, openNew, retire, revert } from "./steps.ts";
import { viewOf } from "./view.ts";
import type { StageView } from "./view.ts";

export interface StageChange extends Change {
  readonly target: Stage;
  readonly reason: string;
  /** Throws what forbids the change; what it returns is kept as evidence (JSON). */
  readonly guard?: (at: StageRecord, target: Stage) => Promise<unknown>;
}

/**
 * Changes the stage by one step, after finishing whatever change is under way. Returns at once when the stage is there already.
 * May be killed at any point: `recover`, by anyone, goes on from what it finds.
 *
 * @throws `STAGE_NONE`, `STAGE_STEP` or what the guard throws (refused); `STAGE_CONTENDED` (transient) when another change
 * began first; `STAGE_REVERTED` (refused) with the reason, when the drain took longer than `drainMs`, the new primary did not
 * answer, or somebody reverted the change; `STAGE_FENCE_BUSY`, `STAGE_LEASES_HELD` (transient) and `STAGE_UNKNOWN`
 * (unavailable) with the change left under way.
 */
export async function changeStage(change: StageChange): Promise<StageView> {
  const { sides, target, by, reason, guard, faults = noFaults } = change;
  const at = await finish(change);
  if (at.stage === target) return viewOf(at);
  assertStep(at.stage, target);
  const evidence = (await guard?.(at, target)) ?? null;
  const moving: StageRecord = { ...at, state: "moving", target, changedBy: by, reason, evidence };
  if (!(await sides[at.database].records.compareAndSet(at, moving)))
    throw transient("STAGE_CONTENDED", `another change of the stage of ${at.module} began first; look and try again`);
  await faults.at("after-intention");
  const settled = await finish(change);
  if (settled.stage === target) return viewOf(settled);
  throw refused("STAGE_REVERTED", `${at.module} is at "${settled.stage}": ${settled.reason}`, {
    details: { from: at.stage, target, by: settled.changedBy },
  });
}

export interface Recovery extends Change {
  /** Reverts a change that is not decided yet, instead of finishing it. */
  readonly revert?: boolean;
}

/** Finishes, or reverts, the change that somebody left under way; does nothing when there is none. @throws as `changeStage`. */
export async function recover(recovery: Recovery): Promise<StageView> {
  const found = await situationOf(recovery.sides);
  if (recovery.revert && found.kind === "moving") await revert(recovery, found.at, `reverted by ${recovery.by}`);
  return viewOf(await finish(recovery));
}

/** Takes one step after the other until the record is settled. */
async function finish(change: Change): Promise<StageRecord> {
  for (;;) {
    change.signal?.throwIfAborted();
    const found = await situationOf(change.sides);
    if (found.kind === "moved") await openNew(change, found.at, found.ready);
    else if (found.kind === "settled") {
      if (found.older !== undefined) await retire(change, found.older, found.at);
      return found.at;
    } else await (found.kind === "opening" ? openAgain : decide)(change, found.at);
  }
}
