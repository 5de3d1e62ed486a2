import { metrics } from "@opentelemetry/api";
import { ProviderEvents, type Client, type EvaluationContext } from "@openfeature/server-sdk";
import { codeOf, dataError, isDataLayerError, refused, silent, type Logger } from "@stellaops/kernel";
import type { Pool } from "pg";
import type { Guard } from "../guard/guard.ts";
import { Latch } from "../latch.ts";
import { changeStage, type StageChange } from "../move.ts";
import { attributes as named, scopeName } from "../observe/names.ts";
import { situationOf } from "../situation.ts";
import { endsReplication, isStage, stageNames, stepTowards, type Stage } from "../stages.ts";
import { inTurn } from "./turn.ts";

export interface StageRequestOptions {
  /** Of whichever provider; its flag asks for a stage by name. An empty text, or no flag, asks for nothing. */
  readonly client: Client;
  readonly module: string;
  /** `stella.<module>.stage` when left out. */
  readonly flag?: string;
  readonly context?: EvaluationContext;
  /** What a change needs, with the guard of every step: of a login that sees all tenants. */
  readonly change: Omit<StageChange, "target" | "by" | "reason" | "guard"> & { readonly guard: Guard };
  /** PostgreSQL, for taking turns with other processes: a direct connection, not one pooled by transaction. */
  readonly pool: Pool;
  /** How often the flag is read, beside the provider's own events; milliseconds, 30,000. */
  readonly everyMs?: number;
  /** How long a refusal stands before the same is tried again; milliseconds, 60,000. Another flag or another epoch ends it at once. */
  readonly refusedMs?: number;
  readonly logger?: Logger;
}

/**
 * What came of one look at the flag: `none` asked for nothing, `there` is where the module is, `stepped` took one step, `refused` by the
 * guards, `standing` was refused a moment ago, `busy` with another process, `failed` for a reason that may go away by itself.
 */
export type StageRequest = "none" | "there" | "stepped" | "refused" | "standing" | "busy" | "failed";

export interface StageRequests {
  /** Looks now, and takes at most one step. */
  look(): Promise<StageRequest>;
  /** Ends after the step in hand. */
  close(): Promise<void>;
}

/**
 * Lets a flag service ask for a module's stage. The stage record stays the authority: each step goes through the same guards as an
 * operator's, one at a time, in one process at a time. A step that ends replication is never taken for a flag.
 */
export function followStageFlag(options: StageRequestOptions): StageRequests {
  const requests = new Requests(options);
  requests.start();
  return requests;
}

interface Refusal {
  readonly asked: string;
  readonly epoch: bigint;
  readonly until: number;
}

class Requests implements StageRequests {
  readonly #options: StageRequestOptions;
  readonly #flag: string;
  readonly #logger: Logger;
  readonly #wanted = new Latch();
  readonly #stop = new AbortController();
  readonly #changed = (): void => {
    this.#again = true;
    this.#wanted.notify();
  };
  readonly #counter = metrics.getMeter(scopeName).createCounter("stella.stage.requests", {
    unit: "{request}",
    description: "Steps asked for by a flag, by what came of them",
  });
  #again = false;
  #refusal: Refusal | null = null;
  #looking: Promise<StageRequest> | null = null;
  #following: Promise<void> = Promise.resolve();

  constructor(options: StageRequestOptions) {
    this.#options = options;
    this.#flag = options.flag ?? `stella.${options.module}.stage`;
    this.#logger = options.logger ?? silent;
  }

  start(): void {
    this.#options.client.addHandler(ProviderEvents.ConfigurationChanged, this.#changed);
    this.#following = this.#follow();
  }

  look(): Promise<StageRequest> {
    this.#looking ??= this.#lookOnce().finally(() => (this.#looking = null));
    return this.#looking;
  }

  async #lookOnce(): Promise<StageRequest> {
    const found = await this.#look();
    // Whoever asked for this look: there may be further steps to take.
    if (found === "stepped") this.#changed();
    return found;
  }

  async close(): Promise<void> {
    this.#options.client.removeHandler(ProviderEvents.ConfigurationChanged, this.#changed);
    this.#stop.abort();
    await this.#following;
    await this.#looking;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#again = false;
      await this.look();
      if (this.#again) continue;
      await this.#wanted.next(this.#options.everyMs ?? 30_000, signal);
    }
  }

  async #look(): Promise<StageRequest> {
    const { client, context, module, change } = this.#options;
    let asked = "";
    let epoch = -1n;
    try {
      asked = await client.getStringValue(this.#flag, "", context);
      if (asked === "") return "none";
      const { at } = await situationOf(change.sides);
      epoch = at.epoch;
      const target = isStage(asked) ? stepTowards(at.stage, asked) : undefined;
      if (target === null) return "there";
      if (this.#stands(asked, epoch)) return "standing";
      if (target === undefined) throw noStage(this.#flag, asked);
      if (endsReplication(at.stage, target)) throw ends(this.#flag, at.stage, target);
      return await this.#step(target, asked);
    } catch (error) {
      const { family } = isDataLayerError(error) ? error : { family: undefined };
      const outcome = family === "refused" || family === "data" ? "refused" : "failed";
      if (outcome === "refused")
        this.#refusal = { asked, epoch, until: performance.now() + (this.#options.refusedMs ?? 60_000) };
      this.#count(outcome, error);
      const details = isDataLayerError(error) ? error.details : {};
      const what = `flag ${this.#flag} asks module ${module} for "${asked}": ${outcome}`;
      this.#logger.warn({ err: error, code: codeOf(error), ...details }, what);
      return outcome;
    }
  }

  #stands(asked: string, epoch: bigint): boolean {
    const refusal = this.#refusal;
    return refusal?.asked === asked && refusal.epoch === epoch && performance.now() < refusal.until;
  }

  async #step(target: Stage, asked: string): Promise<StageRequest> {
    const { module, change, pool } = this.#options;
    const reason = `flag ${this.#flag} asks for "${asked}"`;
    const by = `flag ${this.#flag}`;
    const signal = this.#stop.signal;
    const view = await inTurn(pool, `cutover.request/${module}`, () =>
      changeStage({ signal, ...change, target, by, reason }),
    );
    if (view === null) return "busy";
    this.#refusal = null;
    this.#count("stepped");
    this.#logger.info(
      { module, stage: view.stage, epoch: view.epoch, asked },
      `module ${module} took a step for a flag`,
    );
    return "stepped";
  }

  #count(outcome: StageRequest, error?: unknown): void {
    const type = error === undefined ? {} : { [named.error]: codeOf(error) ?? "_OTHER" };
    this.#counter.add(1, { [named.module]: this.#options.module, [named.outcome]: outcome, ...type });
  }
}

const noStage = (flag: string, asked: string): Error =>
  dataError("STAGE_WORD", `flag ${flag} asks for "${asked}", which is no stage; they are ${stageNames.join(", ")}`);

const ends = (flag: string, from: Stage, to: Stage): Error =>
  refused(
    "STAGE_REQUEST_ENDS",
    `flag ${flag} asks for a step that ends replication, from "${from}" to "${to}"; take it by hand with \`stella-data stage\``,
  );
