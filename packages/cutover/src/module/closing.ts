/** What was opened, to be closed in the opposite order: each part rests on those opened before it. */
export class Closing {
  readonly #parts: (() => Promise<void>)[] = [];
  #closed: Promise<void> | null = null;

  add(close: () => Promise<void>): void {
    this.#parts.unshift(close);
  }

  /** Closes all of them, also when one fails; throws what failed first. May be repeated. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const failures: unknown[] = [];
    for (const close of this.#parts) await close().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}
