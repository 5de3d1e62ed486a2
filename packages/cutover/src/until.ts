import { setTimeout as wait } from "node:timers/promises";

export interface UntilOptions {
  readonly deadlineMs: number;
  readonly pauseMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Asks until the answer is yes: true; false when the deadline has passed. It asks at least once. */
export async function until(ask: () => Promise<boolean>, options: UntilOptions): Promise<boolean> {
  const { deadlineMs, pauseMs, signal } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await ask()) return true;
    if (performance.now() + pauseMs > deadline) return false;
    await wait(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}
