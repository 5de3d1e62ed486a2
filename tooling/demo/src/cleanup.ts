/** What was started, to be ended in the opposite order, however the demo ends. */
export class Cleanup {
  readonly #ends: (() => Promise<unknown>)[] = [];
  #running = false;

  /** What is started while everything is being ended is ended at once. */
  async add(end: () => Promise<unknown>): Promise<void> {
    if (this.#running) await end();
    else this.#ends.unshift(end);
  }

  /** Ends all of it, also when one part fails: that is printed, for the others matter more. */
  async run(): Promise<void> {
    this.#running = true;
    for (const end of this.#ends) await end().catch((error: unknown) => console.error(error));
  }
}
