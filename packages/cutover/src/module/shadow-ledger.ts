import { codeOf, silent, type Logger } from "@stellaops/kernel";
import type { Database } from "../stages.ts";
import type { StageView } from "../view.ts";
import { noReads, type ShadowCounts, type ShadowOutcome, type ShadowTables } from "./shadow-counts.ts";

export interface ShadowLedgerOptions {
  readonly tables: ShadowTables;
  readonly instance: string;
  /** How often counts are told to the primary; milliseconds, 1,000. */
  readonly everyMs?: number;
  readonly logger?: Logger;
}

interface Page {
  readonly epoch: bigint;
  readonly database: Database;
  counts: ShadowCounts;
  told: ShadowCounts;
}

/** Epochs whose counts wait for a database that does not answer; older ones are let go. */
const kept = 10;

/** Counts what this instance has compared, per epoch, and tells it to the primary about once a second. */
export class ShadowLedger {
  readonly #options: ShadowLedgerOptions;
  readonly #pages = new Map<bigint, Page>();
  readonly #timer: NodeJS.Timeout;
  #telling: Promise<void> | null = null;
  #total = noReads;

  constructor(options: ShadowLedgerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.tell(), options.everyMs ?? 1_000);
    this.#timer.unref();
  }

  /** Since the process began. */
  get counts(): ShadowCounts {
    return this.#total;
  }

  count({ epoch, primary }: StageView, outcome: ShadowOutcome): void {
    const page = this.#pages.get(epoch) ?? { epoch, database: primary, counts: noReads, told: noReads };
    this.#pages.set(epoch, page);
    page.counts = plusOne(page.counts, outcome);
    this.#total = plusOne(this.#total, outcome);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > kept && oldest !== undefined) this.#pages.delete(oldest);
  }

  /** Tells what is new; what cannot be told now is told next time. */
  tell(): Promise<void> {
    this.#telling ??= this.#tell().finally(() => (this.#telling = null));
    return this.#telling;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
    await this.tell();
  }

  async #tell(): Promise<void> {
    const { tables, instance, logger = silent } = this.#options;
    for (const page of this.#pages.values()) {
      const { counts, epoch, database } = page;
      if (counts === page.told) continue;
      try {
        await tables[database].tell(epoch, instance, counts);
        page.told = counts;
      } catch (error) {
        logger.warn({ err: error, code: codeOf(error) }, "counts of shadow reads could not be told yet");
      }
    }
  }
}

const plusOne = (counts: ShadowCounts, outcome: ShadowOutcome): ShadowCounts => ({
  ...counts,
  sampled: counts.sampled + 1,
  [outcome]: counts[outcome] + 1,
});
