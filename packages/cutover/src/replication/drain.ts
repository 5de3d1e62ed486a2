import { codeOf, familyOf, retryTransient, type Aggregate } from "@stellaops/kernel";
import type { Faults } from "../faults.ts";
import type { StageView } from "../view.ts";
import { copyKeys } from "./copy.ts";
import { byHome, from, type Replicas } from "./pair.ts";
import type { Key } from "./replica.ts";

export interface Draining {
  readonly aggregates: ReadonlyMap<string, Aggregate>;
  readonly replicas: Replicas;
  readonly faults: Faults;
  readonly signal: AbortSignal;
  /** Told what one group of keys failed with, while others go on. */
  readonly failed?: (error: unknown) => void;
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
  const pair = from(replicas, view.primary);
  for (const home of byHome(aggregates, keys)) {
    if (signal.aborted) break;
    try {
      const copied = await patiently(() => copyKeys(pair, home, view.generation, faults));
      applied += copied.applied;
      parked += copied.parked.length;
    } catch (error) {
      if (familyOf(error) === "unavailable") throw error;
      failures.push(error);
    }
  }
  if (applied + parked === 0 && failures.length > 0) throw failures[0];
  for (const error of failures) failed?.(error);
  return { applied, parked };
}

/** Most of what is transient is another apply of the same key: it is over in a moment. */
export const patiently = <T>(copy: () => Promise<T>): Promise<T> => retryTransient(copy, { deadlineMs: 1_000 });

/** Whoever comes into its way applies the same keys. */
const meanwhile: ReadonlySet<unknown> = new Set(["SERIALIZATION_FAILURE", "RACED"]);

/** Applies what is pending now, look after look. Keys that services apply all the time are left to them. */
export async function drain(draining: Draining, view: () => StageView | null, batch = 500): Promise<Drained> {
  const { replicas, signal } = draining;
  const total = { applied: 0, parked: 0 };
  try {
    for (;;) {
      signal.throwIfAborted();
      const [found, { applied, parked }] = await retryTransient(async () => {
        const now = view();
        if (now === null) return [0, { applied: 0, parked: 0 }] as const;
        const keys = await replicas[now.primary].pending(batch);
        return [keys.length, await drainKeys(draining, keys, now)] as const;
      });
      total.applied += applied;
      total.parked += parked;
      // Beyond a full batch there is more; what came meanwhile is not waited for, or a key that is written all the time would hold this up.
      if (applied + parked === 0 || found < batch) return total;
    }
  } catch (error) {
    if (!meanwhile.has(codeOf(error))) throw error;
    return total;
  }
}
