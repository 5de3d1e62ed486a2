import { setTimeout as wait } from "node:timers/promises";

/** Keeps several workers together below so many keys a second; null for as fast as they can. */
export class Rate {
  readonly #perSecond: number | null;
  #free = performance.now();

  constructor(perSecond: number | null) {
    this.#perSecond = perSecond;
  }

  /** Keys a page may hold, so that nobody waits for much longer than half a second at once. */
  get page(): number {
    return this.#perSecond === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(this.#perSecond / 2));
  }

  /** Waits until so many keys may be taken. */
  async take(keys: number, signal: AbortSignal): Promise<void> {
    if (this.#perSecond === null) return;
    const now = performance.now();
    const due = Math.max(now, this.#free);
    this.#free = due + (keys * 1_000) / this.#perSecond;
    if (due > now) await wait(due - now, undefined, { signal });
  }
}
