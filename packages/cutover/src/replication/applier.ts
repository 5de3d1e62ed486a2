import { codeOf, silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import { noFaults, type Faults } from "../faults.ts";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";
import { copyKeys } from "./copy.ts";
import { patiently } from "./drain.ts";
import { aggregatesOf, byHome, from, nameOf, type HomeKeys, type Replicas } from "./pair.ts";
import type { Key } from "./replica.ts";

export interface ApplierOptions {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  /** Keys held at most; 10,000. What does not fit is dropped here: its pending mark stays, and the replicator finds it. */
  readonly capacity?: number;
  /** Keys applied in one transaction; 200. */
  readonly batch?: number;
  /** How long one batch may take before it is left to the replicator, so that a connection that died in silence holds up nothing; milliseconds, 30,000. */
  readonly applyMs?: number;
  readonly faults?: Faults;
  readonly logger?: Logger;
}

export interface ReplicationCounts {
  readonly applied: number;
  readonly parked: number;
  readonly failed: number;
  readonly dropped: number;
  readonly queued: number;
}

/**
 * What became of keys that were handed over: `applied` to the secondary as they were then or later; `parked`: it refused one of them;
 * `pending`: not known in time, or left to the replicator, which goes on for as long as it takes.
 */
export type Settled = "applied" | "parked" | "pending";

interface Queued {
  readonly key: Key;
  /** Who waits for this key; their count is bounded by the callers' own. */
  readonly waiting: ((settled: Settled) => void)[];
}

/** A database that hangs must not keep a service from ending. */
const closingMs = 10_000;

/**
 * Applies the keys of committed units to the secondary, off the caller's path: a bounded queue of keys, not of states, in which a key
 * that changes again before its turn stands once. Order needs no care: what is applied is the state at that moment, and the register
 * refuses an older one.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #logger: Logger;
  readonly #aggregates: ReturnType<typeof aggregatesOf>;
  readonly #queue = new Map<string, Queued>();
  readonly #counts = { applied: 0, parked: 0, failed: 0, dropped: 0 };
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silent;
    this.#aggregates = aggregatesOf(options.module);
  }

  get counts(): ReplicationCounts {
    return { ...this.#counts, queued: this.#queue.size };
  }

  /** Takes keys and returns at once. */
  hand(keys: readonly Key[]): void {
    const { capacity = 10_000 } = this.#options;
    if (this.#closed) return;
    for (const key of keys) {
      const name = nameOf(key);
      if (this.#queue.has(name)) continue;
      if (this.#queue.size < capacity) this.#queue.set(name, { key, waiting: [] });
      else this.#counts.dropped += 1;
    }
    this.#running ??= this.#run();
  }

  /** Hands keys over and waits for what becomes of them, but no longer than the deadline. Never throws. */
  async applied(keys: readonly Key[], deadlineMs: number): Promise<Settled> {
    this.hand(keys);
    const each = keys.map((key) => this.#settled(key));
    const all = Promise.all(each).then((found) => worst(found));
    return within(deadlineMs, all).catch((): Settled => "pending");
  }

  /** Ends after the transaction in hand; what is left is found by the replicator. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#forget([...this.#queue.values()]);
    this.#queue.clear();
    if (this.#running !== null) await within(closingMs, this.#running).catch(() => undefined);
  }

  #settled(key: Key): Promise<Settled> {
    const queued = this.#queue.get(nameOf(key));
    return queued === undefined ? Promise.resolve("pending") : new Promise((resolve) => queued.waiting.push(resolve));
  }

  async #run(): Promise<void> {
    // One macrotask later, so that the units that commit together are applied together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.size > 0) {
      const taken = this.#take();
      const view = this.#options.stage.workView();
      if (view === null || this.#closed) this.#forget(taken);
      else await this.#applyAll(taken, view);
    }
    this.#running = null;
  }

  #take(): readonly Queued[] {
    const { batch = 200 } = this.#options;
    const taken: Queued[] = [];
    for (const [name, queued] of this.#queue) {
      taken.push(queued);
      this.#queue.delete(name);
      if (taken.length === batch) break;
    }
    return taken;
  }

  async #applyAll(taken: readonly Queued[], view: StageView): Promise<void> {
    const byName = new Map(taken.map((queued) => [nameOf(queued.key), queued]));
    const homes = byHome(
      this.#aggregates,
      taken.map(({ key }) => key),
    );
    for (const home of homes) {
      const settled = this.#closed ? unknown : await this.#apply(home, view);
      const { aggregate, tenant, ids } = home;
      for (const id of ids)
        for (const tell of byName.get(nameOf({ aggregate: aggregate.table, tenant, id }))?.waiting ?? [])
          tell(settled(id));
    }
  }

  /** What became of each id of the home. */
  async #apply(home: HomeKeys, view: StageView): Promise<(id: string) => Settled> {
    const { replicas, applyMs = 30_000, faults = noFaults } = this.#options;
    try {
      await faults.at("apply-taken");
      const pair = from(replicas, view.primary);
      const copied = patiently(() => copyKeys(pair, home, view.generation, faults));
      const { applied, parked } = await within(applyMs, copied);
      this.#counts.applied += applied;
      this.#counts.parked += parked.length;
      const refused = new Set(parked);
      return (id) => (refused.has(id) ? "parked" : "applied");
    } catch (error) {
      this.#counts.failed += home.ids.length;
      // Their marks are still pending: the replicator tries again, for as long as it takes.
      this.#logger.warn(
        { err: error, code: codeOf(error), keys: home.ids.length },
        "changed keys could not be applied yet",
      );
      return unknown;
    }
  }

  #forget(queued: readonly Queued[]): void {
    for (const { waiting } of queued) for (const tell of waiting) tell("pending");
  }
}

const unknown = (): Settled => "pending";

const worst = (all: readonly Settled[]): Settled =>
  all.includes("pending") ? "pending" : all.includes("parked") ? "parked" : "applied";
