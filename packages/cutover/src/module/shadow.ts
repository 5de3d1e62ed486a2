import { setTimeout as wait } from "node:timers/promises";
import { codeOf, silent, type Logger } from "@stellaops/kernel";
import type { StageSource } from "../source.ts";
import { stages, type Database } from "../stages.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";
import { cpuShare } from "./cpu-share.ts";
import { judge } from "./judge.ts";
import type { ShadowOutcome } from "./shadow-counts.ts";

/** What shadow reads may cost. */
export interface ShadowBudget {
  /** Share of reads that are asked of the secondary too, 0 to 1; 0.1. */
  readonly rate?: number;
  /** Comparisons under way at once; what comes beyond is not sampled. 2. */
  readonly concurrency?: number;
  /** How busy the process's event loop may be, 0 to 1; while it is busier nothing is sampled. 0.5. */
  readonly cpu?: number;
}

export interface ShadowOptions {
  readonly budget?: ShadowBudget;
  readonly stage: Pick<StageSource, "beginRead" | "assertReadable">;
  /** Is anything of this database still on its way to the other one, or set aside? */
  readonly behind: (database: Database) => Promise<boolean>;
  /** Told of each read that was compared. */
  readonly onOutcome: (view: StageView, outcome: ShadowOutcome) => void;
  readonly logger?: Logger;
  readonly busy?: () => number;
}

export type Ask = (database: Database) => Promise<unknown>;

const pausesMs = [0, 20, 100, 500, 1_000];
/** A database that hangs gives no answer, and frees its place. */
const answerMs = 5_000;

/** Asks the secondary what the primary has answered, off the caller's path, and never changes an answer. */
export class Shadow {
  readonly #options: ShadowOptions;
  readonly #budget: Required<ShadowBudget>;
  readonly #logger: Logger;
  readonly #busy: () => number;
  readonly #under = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #stopped = new Promise<never>((_, reject) => {
    this.#stop.signal.addEventListener("abort", () => reject(this.#stop.signal.reason));
  });

  constructor(options: ShadowOptions) {
    this.#options = options;
    this.#budget = { rate: 0.1, concurrency: 2, cpu: 0.5, ...options.budget };
    this.#logger = options.logger ?? silent;
    this.#busy = options.busy ?? cpuShare();
    this.#stopped.catch(() => undefined);
  }

  /** Takes a read that was answered, or lets it be, and returns at once. */
  sample(view: StageView, ask: Ask, answer: unknown): void {
    const { rate, concurrency, cpu } = this.#budget;
    if (this.#stop.signal.aborted || view.secondary === null || !stages[view.stage].shadowed) return;
    if (this.#under.size >= concurrency || Math.random() >= rate || this.#busy() > cpu) return;
    const work = this.#compare(view, ask, answer);
    this.#under.add(work);
    void work.finally(() => this.#under.delete(work));
  }

  /** Lets go of the comparisons under way. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#under);
  }

  async #compare(view: StageView, ask: Ask, answer: unknown): Promise<void> {
    // The caller goes on first.
    await new Promise((resolve) => setImmediate(resolve));
    const bounded: Ask = (database) => within(answerMs, Promise.race([ask(database), this.#stopped]));
    try {
      const outcome = await this.#outcome(view, bounded, answer);
      if (outcome !== null) this.#options.onOutcome(view, outcome);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      this.#options.onOutcome(view, "failed");
      this.#logger.warn({ err: error, code: codeOf(error) }, "a shadow read failed");
    }
  }

  /** Null: nothing can be said any more. */
  async #outcome(view: StageView, ask: Ask, answer: unknown): Promise<ShadowOutcome | null> {
    const { secondary } = view;
    if (secondary === null) return null;
    const verdict = judge(answer, await ask(secondary));
    if (verdict === "agreed") return "agreed";
    return verdict === "behind" ? "lagged" : this.#explained(view, secondary, ask);
  }

  /**
   * An unequal answer is asked again: primary, secondary, primary, under one lease, so that nobody can have written to the secondary by
   * itself. It differs only when the primary's answer stood still meanwhile and nothing was on its way. What never stands still is lag.
   */
  async #explained(view: StageView, secondary: Database, ask: Ask): Promise<ShadowOutcome | null> {
    const { stage, behind } = this.#options;
    for (const pauseMs of pausesMs) {
      await wait(pauseMs, undefined, { signal: this.#stop.signal });
      const ticket = await stage.beginRead({ deadlineMs: 1_000 }).catch(() => null);
      if (ticket?.view.epoch !== view.epoch) return null;
      const before = await ask(view.primary);
      const onItsWay = await behind(view.primary);
      const found = await ask(secondary);
      const after = await ask(view.primary);
      if (!held(stage, ticket)) return null;
      if (judge(before, after) !== "agreed") continue;
      const verdict = judge(before, found);
      if (verdict === "agreed" || verdict === "behind") return "lagged";
      if (verdict === "unequal" && onItsWay) continue;
      const { primary, epoch } = view;
      this.#logger.warn({ primary, secondary, epoch }, "a shadow read differs; run a comparison to see where");
      return "differed";
    }
    return "lagged";
  }
}

function held(stage: ShadowOptions["stage"], ticket: Parameters<StageSource["assertReadable"]>[0]): boolean {
  try {
    stage.assertReadable(ticket);
    return true;
  } catch {
    return false;
  }
}
