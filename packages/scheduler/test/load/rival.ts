import { codeOf } from "@stellaops/kernel";
import { must, type LoadContext, type LoadWorker } from "@stellaops/testkit/module";
import { fireDue, type SchedulerRepositories } from "../../src/index.ts";
import { policyJob, refOf, schedule } from "../samples.ts";

type Context = LoadContext<SchedulerRepositories>;

/**
 * What rivals share for ten rounds each: a schedule and a lock that were written all the time would be pending at every look of the guard, which
 * waits for keys and not for their revisions.
 */
const blockOf = (turn: number): number => Math.floor(turn / 10);
const scheduleOf = (turn: number): string => `01890000-0000-7000-a000-${blockOf(turn).toString(16).padStart(12, "0")}`;
const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const runOf = (turn: number): string => `01890000-0000-7000-9000-${turn.toString(16).padStart(12, "0")}`;

/** One of several, in several processes, that want the same jobs, triggers and lock: what each is given is given to it alone. */
export class Rival implements LoadWorker {
  readonly #on: Context["on"];
  readonly #context: Context;
  readonly #holder: string;
  readonly #tokens = new Map<string, bigint>();

  constructor(context: Context) {
    this.#on = context.on;
    this.#context = context;
    this.#holder = `rival ${context.seed}`;
  }

  async round(turn: number): Promise<void> {
    if (turn % 10 === 0) await this.#scheduled(scheduleOf(turn));
    await this.#job(turn);
    await this.#fire(scheduleOf(turn));
    await this.#lock(`lock ${blockOf(turn)}`);
  }

  /** What is left is done, and no more is to be had. */
  async finish(): Promise<void> {
    for (let left = 1; left > 0;) left = await this.#work(100);
  }

  async #scheduled(id: string): Promise<void> {
    const made = schedule({ id, name: id, cron: "0 0 1 1 *", timezone: "UTC" });
    await this.#on.schedules.put(made, 0n).catch((error: unknown) => {
      if (codeOf(error) !== "REVISION_CONFLICT") throw error;
    });
  }

  #claim(limit: number) {
    const at = this.#context.now();
    // Longer than this test: no lease runs out, so that each attempt is one holder's alone.
    return { limit, holder: this.#holder, at, until: later(at, 3_600_000), claimId: this.#context.ids.next() };
  }

  /** Every rival asks for the same runs: one of them creates each job. */
  async #job(turn: number): Promise<void> {
    const at = this.#context.now();
    const asked = policyJob({ id: this.#context.ids.next(), runId: runOf(turn), at });
    if ((await this.#on.policyJobs.enqueue(asked)).created) this.#context.once(`job of ${asked.runId}`);
    await this.#work(2);
  }

  async #work(limit: number): Promise<number> {
    const claimed = await this.#on.policyJobs.claim(this.#claim(limit));
    for (const job of claimed) {
      this.#context.once(`policy job ${job.runId}/${job.attempts}`);
      const done = await this.#on.policyJobs.complete(refOf(job), { at: this.#context.now() });
      must("a job that was done once", [done.attempts, done.status], [1n, "succeeded"]);
      this.#context.once(`done ${job.runId}`);
    }
    return claimed.length;
  }

  /** Whoever arms it makes older claims void; a fire time is one run all the same. */
  async #fire(scheduleId: string): Promise<void> {
    const at = this.#context.now();
    await this.#on.triggers.arm({ id: this.#context.ids.next(), scheduleId, nextFireAt: at, at });
    const { runs } = await fireDue(this.#on, { ...this.#claim(10), ids: this.#context.ids });
    for (const run of runs) this.#context.once(`fire ${run.scheduleId}/${run.fireAt?.toISOString()}`);
  }

  async #lock(key: string): Promise<void> {
    const { locks } = this.#on;
    const at = this.#context.now();
    const asked = { key, id: this.#context.ids.next(), holder: this.#holder, at, until: later(at, 60_000) };
    const held = await locks.acquire(asked);
    if (held === null) return;
    this.#context.once(`${key}/${held.token}`);
    const before = this.#tokens.get(key) ?? 0n;
    if (held.token <= before) throw new Error(`${key}: token ${held.token} after ${before}`);
    this.#tokens.set(key, held.token);
    must("a lock of its own", await locks.release({ ...held, at: this.#context.now() }), true);
  }
}
