import { setTimeout as wait } from "node:timers/promises";
import { familyOf } from "./errors.ts";

export interface RetryOptions {
  /** How long the whole may take before the last error is thrown; milliseconds, 10,000 when left out. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Called before each further attempt. */
  readonly onRetry?: (error: unknown, attempt: number) => void;
}

/**
 * Runs a unit again while it fails with a transient error, until a deadline and not for a count: a flip of the primary
 * takes as long as it takes. `work` must be whole and free of side effects outside the databases. Aborted, it throws the signal's reason.
 */
export async function retryTransient<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { deadlineMs = 10_000, signal, onRetry } = options;
  const deadline = performance.now() + deadlineMs;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      const pause = Math.min(2 ** Math.min(attempt, 8), 250) * (0.5 + Math.random() / 2);
      if (familyOf(error) !== "transient" || performance.now() + pause > deadline) throw error;
      onRetry?.(error, attempt);
      await wait(pause, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
