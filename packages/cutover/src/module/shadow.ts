import { silent, type Logger } from "@stellaops/kernel";
import { isDeepStrictEqual } from "node:util";
import { stages, type Database } from "../stages.ts";
import type { StageView } from "../view.ts";

export interface ShadowOptions {
  /** Share of reads that are asked of the secondary too, 0 to 1; 0.1. */
  readonly rate?: number;
  /** Comparisons under way at once; what comes beyond is not sampled. 2. */
  readonly concurrency?: number;
  readonly logger?: Logger;
}

export interface ShadowCounts {
  readonly sampled: number;
  readonly agreed: number;
  /** Unequal at once and equal a moment later: the secondary was behind. */
  readonly lagged: number;
  readonly differed: number;
  readonly failed: number;
}

/** Asks the secondary what the primary has answered, off the caller's path, and never changes an answer. */
export class Shadow {
  readonly #rate: number;
  readonly #concurrency: number;
  readonly #logger: Logger;
  readonly #under = new Set<Promise<void>>();
  #closed = false;
  readonly #counts = { sampled: 0, agreed: 0, lagged: 0, differed: 0, failed: 0 };

  constructor({ rate = 0.1, concurrency = 2, logger = silent }: ShadowOptions) {
    this.#rate = rate;
    this.#concurrency = concurrency;
    this.#logger = logger;
  }

  get counts(): ShadowCounts {
    return { ...this.#counts };
  }

  sample(view: StageView, ask: (database: Database) => Promise<unknown>, answer: unknown): void {
    const { secondary } = view;
    if (this.#closed || secondary === null || !stages[view.stage].shadowed) return;
    if (this.#under.size >= this.#concurrency || Math.random() >= this.#rate) return;
    this.#counts.sampled += 1;
    const work = this.#compare(view, ask, answer).catch((error: unknown) => {
      this.#counts.failed += 1;
      this.#logger.warn({ err: error }, "a shadow read failed");
    });
    this.#under.add(work);
    void work.finally(() => this.#under.delete(work));
  }

  /** Ends with the comparisons under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#under);
  }

  /** Unequal answers are asked again of both, a few times: what is only behind comes to agree. */
  async #compare({ primary, secondary }: StageView, ask: (database: Database) => Promise<unknown>, answer: unknown) {
    let expected = answer;
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const found = await ask(secondary ?? primary);
      if (isDeepStrictEqual(found, expected)) {
        this.#counts[attempt === 0 ? "agreed" : "lagged"] += 1;
        return;
      }
      expected = await ask(primary);
    }
    this.#counts.differed += 1;
    this.#logger.warn({ primary, secondary }, "a shadow read differs; run a comparison to see where");
  }
}
