/** Durations, kept whole: a run has some ten thousands of them at most. */
export class Durations {
  readonly #all: number[] = [];
  #sorted = true;

  get count(): number {
    return this.#all.length;
  }

  add(milliseconds: number): void {
    this.#all.push(milliseconds);
    this.#sorted = false;
  }

  /** Times one call, also when it fails. */
  async time<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.add(performance.now() - begun);
    }
  }

  /** The least value that a share of all values does not exceed (nearest rank): 0.5 the median, 1 the worst. 0 when there is none. */
  at(share: number): number {
    if (!this.#sorted) this.#all.sort((a, b) => a - b);
    this.#sorted = true;
    return this.#all[Math.max(0, Math.ceil(share * this.#all.length) - 1)] ?? 0;
  }

  /** For a table: `p50 1.2 p99 8.0 worst 12.3` in milliseconds. */
  told(): string {
    return `p50 ${this.at(0.5).toFixed(1)} p99 ${this.at(0.99).toFixed(1)} worst ${this.at(1).toFixed(1)} ms`;
  }
}
