import { setTimeout as wait } from "node:timers/promises";

export interface Load {
  readonly callers: number;
  /** Between two calls of one caller; 0: none. Paced, what is measured is how long a call takes, not how many the machine does. */
  readonly pauseMs: number;
  readonly ms: number;
}

/** Milliseconds of each call. `turn` counts up from `from`. */
export async function latencies(way: (turn: number) => Promise<unknown>, { callers, pauseMs, ms }: Load, from = 0) {
  const found: number[] = [];
  const begun = performance.now();
  let turn = from;
  const caller = async (index: number): Promise<void> => {
    if (pauseMs > 0) await wait((pauseMs * index) / callers);
    while (performance.now() - begun < ms) {
      const asked = performance.now();
      await way(turn++);
      found.push(performance.now() - asked);
      if (pauseMs > 0) await wait(pauseMs);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: callers }, (_, index) => caller(index)));
  // Nobody is still at it when the first failure is told.
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return found;
}

/** The least value that a share of all does not exceed. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
};

/** For a table. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100;
