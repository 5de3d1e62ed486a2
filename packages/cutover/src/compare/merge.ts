import { compareKeys, type KeyState, type RowPage } from "./record.ts";
import type { Both } from "./comparison.ts";

/** The rows of one database, a page at a time; the next page is on its way while this one is worked on. */
class Rows {
  readonly #pages: AsyncIterator<RowPage>;
  readonly #onPage: (page: RowPage) => void;
  #next: Promise<IteratorResult<RowPage>>;
  #rows: readonly KeyState[] = [];
  #at = 0;

  constructor(pages: AsyncIterable<RowPage>, onPage: (page: RowPage) => void) {
    this.#pages = pages[Symbol.asyncIterator]();
    this.#onPage = onPage;
    this.#next = this.#ask();
  }

  /** The row to look at; undefined at the end of this page, and for good after `fill` gave false. */
  get head(): KeyState | undefined {
    return this.#rows[this.#at];
  }

  step(): void {
    this.#at += 1;
  }

  /** Makes sure of a head. False: there are no more rows. */
  async fill(): Promise<boolean> {
    while (this.head === undefined) {
      const { done, value } = await this.#next;
      if (done === true) return false;
      this.#next = this.#ask();
      this.#onPage(value);
      this.#rows = value.rows;
      this.#at = 0;
    }
    return true;
  }

  async close(): Promise<void> {
    await this.#next.catch(() => undefined);
    await this.#pages.return?.();
  }

  #ask(): Promise<IteratorResult<RowPage>> {
    const next = this.#pages.next();
    // Whoever awaits it gets the error; nobody may come to it when the other database fails first.
    next.catch(() => undefined);
    return next;
  }
}

export type Pair = { readonly mongo: KeyState | undefined; readonly postgres: KeyState | undefined };

export interface MergeOptions {
  readonly pages: Both<AsyncIterable<RowPage>>;
  readonly onPage: (database: keyof Pair, page: RowPage) => void;
  /** Gets each key once, in key order, with the state of those databases that have it. */
  readonly onPair: (pair: Pair) => void;
  /** Runs after each stretch that both pages cover. */
  readonly between: () => Promise<void>;
}

/** Walks two lists that are in the order of their keys side by side, with at most two pages of each in memory. */
export async function merge({ pages, onPage, onPair, between }: MergeOptions): Promise<void> {
  const mongo = new Rows(pages.mongo, (page) => onPage("mongo", page));
  const postgres = new Rows(pages.postgres, (page) => onPage("postgres", page));
  try {
    for (;;) {
      const [hasMongo, hasPostgres] = await Promise.all([mongo.fill(), postgres.fill()]);
      if (!hasMongo && !hasPostgres) return;
      for (;;) {
        const [m, p] = [mongo.head, postgres.head];
        if ((m === undefined && hasMongo) || (p === undefined && hasPostgres) || (m ?? p) === undefined) break;
        const order = m === undefined ? 1 : p === undefined ? -1 : compareKeys(m.key, p.key);
        onPair({ mongo: order <= 0 ? m : undefined, postgres: order >= 0 ? p : undefined });
        if (order <= 0) mongo.step();
        if (order >= 0) postgres.step();
      }
      await between();
    }
  } finally {
    await Promise.all([mongo.close(), postgres.close()]);
  }
}
