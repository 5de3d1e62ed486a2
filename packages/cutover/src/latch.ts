export interface Patience {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Lets many wait for something that changes now and then, without polling and without leaving timers behind. */
export class Latch {
  readonly #waiting = new Set<() => void>();

  /** Everybody who waits looks again. */
  notify(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Ends with the next `notify`, when the time is up, or when the signal is given. */
  async next(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    let wake = (): void => {};
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const timer = setTimeout(wake, milliseconds);
    this.#waiting.add(wake);
    signal?.addEventListener("abort", wake);
    await woken;
    signal?.removeEventListener("abort", wake);
    this.#waiting.delete(wake);
    clearTimeout(timer);
  }

  /** What `look` gives once it is not null; null when the deadline passed. @throws the signal's reason, and what `look` throws */
  async until<T>(look: () => T | null, { deadlineMs, signal }: Patience): Promise<T | null> {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      signal?.throwIfAborted();
      const found = look();
      const left = deadline - performance.now();
      if (found !== null || left <= 0) return found;
      await this.next(left, signal);
    }
  }
}
