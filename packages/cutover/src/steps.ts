import { silent, transient } from "@stellaops/kernel";
import type { Change } from "./change.ts";
import { noFaults } from "./faults.ts";
import { goesTo, isAfter, newGeneration } from "./record.ts";
import type { StageRecord } from "./record.ts";
import type { FencePoint, Lease } from "./side.ts";
import { withGone } from "./stage/gone.ts";
import { otherDatabase } from "./stages.ts";
import { until } from "./until.ts";

/*
 * The steps of a change, from what the databases say and never from what this process remembers. Each may be repeated, be
 * overtaken, or wake late: what it does is idempotent, or a compare-and-set from its exact predecessor.
 */

/** `moving`: closes the epoch, drains where the primary moves, and decides by one compare-and-set at the old primary. */
export async function decide(change: Change, at: StageRecord): Promise<void> {
  const { sides, by, faults = noFaults, fenceMs = 10_000 } = change;
  const { records, fence } = sides[at.database];
  const after = await fence.close(at.epoch, fenceMs);
  await faults.at("after-fence");
  const next = {
    ...at,
    ...newGeneration(at, at.target ?? at.stage),
    epoch: at.epoch + 1n,
    target: null,
    changedBy: by,
  };
  if (goesTo(at) === at.database) {
    await records.compareAndSet(at, { ...next, state: "opening" });
  } else {
    if (!(await handOver(change, at, after, { ...next, state: "ready", database: otherDatabase(at.database) }))) return;
    await records.compareAndSet(at, { ...at, state: "moved", target: null, changedBy: by });
  }
  await faults.at("after-decision");
}

/** True when the new primary holds everything and is ready; false when the change was reverted or somebody overtook it. */
async function handOver(change: Change, at: StageRecord, after: FencePoint, ready: StageRecord): Promise<boolean> {
  const { faults = noFaults, logger = silent, signal } = change;
  try {
    const outcome = await drain(change, at, after);
    if (outcome === "overtaken") return false;
    if (outcome === "late") throw new Error(`what is pending did not reach ${ready.database} in time`);
    await faults.at("after-drain");
    await makeReady(change, ready);
    await faults.at("after-ready");
    return true;
  } catch (error) {
    signal?.throwIfAborted();
    logger.warn({ module: at.module, error }, "the change of the stage is reverted");
    await revert(change, at, `reverted: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

async function drain(change: Change, at: StageRecord, after: FencePoint): Promise<"drained" | "late" | "overtaken"> {
  const { sides, drained, drainMs = 10_000, signal } = change;
  const overtaken = async (): Promise<boolean> => {
    const copy = await sides[at.database].records.read();
    return copy?.state !== at.state || copy.epoch !== at.epoch;
  };
  let outcome: "drained" | "late" | "overtaken" = "late";
  await until(
    async () => {
      if (await drained(at, after)) outcome = "drained";
      else if (await overtaken()) outcome = "overtaken";
      return outcome !== "late";
    },
    { deadlineMs: drainMs, pauseMs: 20, signal },
  );
  return outcome;
}

/** Raises the copy at the coming primary to `ready`, unless it has gone further already. */
async function makeReady({ sides }: Change, ready: StageRecord): Promise<void> {
  const { records } = sides[ready.database];
  for (;;) {
    const copy = await records.read();
    if (copy !== null && !isAfter(ready, copy)) return;
    if (await records.compareAndSet(copy, ready)) return;
  }
}

/** Ends a change that is not decided: a new epoch at the same database, at the stage it had. Meets `decide` in the same compare-and-set. */
export async function revert(change: Change, at: StageRecord, reason: string): Promise<void> {
  const { sides, by, faults = noFaults } = change;
  const epoch = at.epoch + 1n;
  await sides[at.database].records.compareAndSet(at, {
    ...at,
    state: "opening",
    epoch,
    target: null,
    changedBy: by,
    reason,
  });
  await faults.at("after-revert");
}

/** `opening`: the epoch before is closed once more, also when that was done, since only whoever opens can know. */
export async function openAgain(change: Change, at: StageRecord): Promise<void> {
  const { sides, by, faults = noFaults, fenceMs = 10_000 } = change;
  const { records, fence } = sides[at.database];
  await fence.close(at.epoch - 1n, fenceMs);
  await faults.at("after-close-old");
  await fence.open(at.epoch);
  await faults.at("after-open");
  await records.compareAndSet(at, { ...at, state: "settled", changedBy: by });
  await faults.at("after-settled");
}

/** `moved`: once nobody may believe answers of the old primary any more, the new one opens. */
export async function openNew(change: Change, moved: StageRecord, ready: StageRecord): Promise<void> {
  const { sides, by, gone, faults = noFaults } = change;
  const { records, fence } = sides[ready.database];
  const ignored = await leasesEnded(change, moved);
  await faults.at("after-leases");
  await fence.open(ready.epoch);
  await faults.at("after-open-new");
  const evidence = withGone(ready.evidence, by, gone, ignored);
  await records.compareAndSet(ready, { ...ready, state: "settled", changedBy: by, evidence });
  await faults.at("after-settled-new");
  for (const { instance } of ignored) await sides[moved.database].leases.acknowledge(instance);
}

/** The other database was given up as lost and is back: its copy, of an epoch that is over, sends to the primary from now on. */
export async function retire(
  { sides, by, fenceMs = 10_000 }: Change,
  older: StageRecord,
  at: StageRecord,
): Promise<void> {
  const { records, fence } = sides[older.database];
  await fence.close(older.epoch, fenceMs);
  const reason = `retired: ${at.database} went on without it`;
  const epoch = at.epoch - 1n;
  await records.compareAndSet(older, {
    ...older,
    state: "moved",
    epoch,
    target: null,
    changedBy: by,
    reason,
    evidence: null,
  });
}

/**
 * Until nobody holds a lease of this epoch or an older one. Those of whoever is stated to be gone are only passed over: others who
 * finish this change know nothing of the statement and wait on, so that it is recorded by the only one who relies on it.
 */
async function leasesEnded(change: Change, { database, epoch }: StageRecord): Promise<readonly Lease[]> {
  const { sides, gone, onWait, leasesMs = 60_000, leaseMarginMs = 100, signal } = change;
  const begun = performance.now();
  let held: readonly Lease[] = [];
  const isGone = ({ instance }: Lease): boolean => gone?.instances.includes(instance) === true;
  const none = async (): Promise<boolean> => {
    held = await sides[database].leases.outstanding(epoch, leaseMarginMs);
    const leases = held.filter((lease) => !isGone(lease));
    if (leases.length > 0) onWait?.({ waitedMs: Math.round(performance.now() - begun), leases });
    return leases.length === 0;
  };
  if (await until(none, { deadlineMs: leasesMs, pauseMs: 10, signal })) return held;
  const holders = held.filter((lease) => !isGone(lease)).map(({ instance }) => instance);
  throw transient(
    "STAGE_LEASES_HELD",
    `still reading from ${database}: ${holders.join(", ")}; wait for their leases, or state with --gone that they have ended`,
    { details: { holders } },
  );
}
