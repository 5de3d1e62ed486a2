import { familyOf, retryTransient, type Aggregate } from "@stellaops/kernel";
import type { Faults } from "../faults.ts";
import type { StageView } from "../view.ts";
import { copyKeys } from "./copy.ts";
import { from, grouped, type Replicas } from "./pair.ts";
import type { Key } from "./replica.ts";

export interface Draining {
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly replicas: Replicas;
  readonly faults: Faults;
  readonly signal: AbortSignal;
  /** Of one group of keys, while others go on. */
  readonly failed: (error: unknown) => void;
}

/** Keys, counted. */
export interface Drained {
  readonly applied: number;
  readonly parked: number;
}

/** Applies what is pending of one look. One group's trouble is not the others'; a server that is away is everybody's. */
export async function drainKeys(
  { aggregates, replicas, faults, signal, failed }: Draining,
  keys: readonly Key[],
  view: StageView,
): Promise<Drained> {
  await faults.at("drain-found");
  let [applied, parked] = [0, 0];
  const failures: unknown[] = [];
  for (const group of grouped(keys)) {
    if (signal.aborted) break;
    const [first] = group;
    const aggregate = first === undefined ? undefined : aggregates.get(first.aggregate);
    if (first === undefined || aggregate === undefined) continue;
    const ids = group.map(({ id }) => id);
    try {
      const pair = from(replicas, view.primary);
      const copied = await copyKeys(pair, { aggregate, tenant: first.tenant, ids }, view.generation, faults);
      applied += copied.applied;
      parked += copied.parked.length;
    } catch (error) {
      if (familyOf(error) === "unavailable") throw error;
      failures.push(error);
    }
  }
  if (applied + parked === 0 && failures.length > 0) throw failures[0];
  for (const error of failures) failed(error);
  return { applied, parked };
}

/** Applies what is pending now, once, look after look; how many keys were applied or set aside. */
export async function drain(draining: Draining, view: () => StageView | null, batch: number): Promise<number> {
  const { replicas, signal } = draining;
  for (let total = 0; ;) {
    signal.throwIfAborted();
    const [found, done] = await retryTransient(async () => {
      const now = view();
      if (now === null) return [0, 0];
      const keys = await replicas[now.primary].pending(batch);
      const { applied, parked } = await drainKeys(draining, keys, now);
      return [keys.length, applied + parked];
    });
    total += done;
    // Beyond a full batch there is more; what came meanwhile is not waited for, or a key that is written all the time would hold this up.
    if (done === 0 || found < batch) return total;
  }
}
