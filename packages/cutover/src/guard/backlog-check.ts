import type { Pending, Replica } from "../replication/replica.ts";
import { until } from "../until.ts";
import type { Check } from "./evidence.ts";

/** Keys looked at; while more are pending than this, it cannot be told which of them were. */
const window = 10_000;

export interface BacklogOptions {
  readonly module: string;
  /** How long the backlog may take to drain; milliseconds. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Everything that was pending when the check began has reached the secondary, and nothing is parked. Under load something is pending at
 * every moment, so each key is waited for by itself, at the revision it had then: one that
 * is written all the time is pending at every look, at another. What comes later is drained by the move, behind the fence.
 */
export async function backlogCheck(primary: Replica, options: BacklogOptions): Promise<Check> {
  const { module, patienceMs, signal } = options;
  const found = await primary.backlog();
  const left = found.pending === 0 ? 0 : await drained(primary, patienceMs, signal);
  const { parked } = await primary.backlog();
  const passed = left === 0 && parked === 0;
  return {
    name: "backlog",
    passed,
    saw: `${found.pending} keys were pending, ${left} of them still are; ${parked} are parked`,
    fix: passed ? null : parked > 0 ? parkedFix(module) : pendingFix,
    numbers: { pending: found.pending, left, parked },
  };
}

const pendingFix = "see that the secondary answers and that a service is running, which drains them; then try again";
const parkedFix = (module: string): string =>
  `the secondary refused them: \`stella-data compare run --module ${module}\` names them; write them again in a form that both databases take`;

/** How many of the keys that are pending now still are when the time is over. */
async function drained(primary: Replica, patienceMs: number, signal: AbortSignal | undefined): Promise<number> {
  let waited: readonly Pending[] | null = null;
  const allGone = async (): Promise<boolean> => {
    const pending = await primary.pending(window);
    if (pending.length === window) return false;
    const now = new Set(pending.map(nameOf));
    waited = waited === null ? pending : waited.filter((key) => now.has(nameOf(key)));
    return waited.length === 0;
  };
  await until(allGone, { deadlineMs: patienceMs, pauseMs: 20, signal });
  return countOf(waited);
}

const countOf = (keys: readonly Pending[] | null): number => keys?.length ?? window;
const nameOf = ({ aggregate, tenant, id, revision }: Pending): string => `${aggregate}/${tenant}/${id}/${revision}`;
