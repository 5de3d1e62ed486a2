/** The highest revision that had been told by a moment. Moments are added in their order, and asked in any. */
export class Floor {
  readonly #ended: number[] = [];
  readonly #highest: number[] = [];

  raise(ended: number, revision: number): void {
    this.#ended.push(ended);
    this.#highest.push(Math.max(revision, this.#highest.at(-1) ?? 0));
  }

  /** Of what ended before the moment; 0: nothing. */
  at(moment: number): number {
    let [low, high] = [0, this.#ended.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ended[middle] ?? 0) < moment) low = middle + 1;
      else high = middle;
    }
    return this.#highest[low - 1] ?? 0;
  }
}
