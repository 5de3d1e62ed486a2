import { codeOf, silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import { copyKeys } from "./copy.ts";
import { aggregatesOf, from, grouped, nameOf, type Replicas } from "./pair.ts";
import type { Key } from "./replica.ts";

export interface ApplierOptions {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  /** Keys held at most; 10,000. What does not fit is dropped here: its pending mark stays, and the replicator finds it. */
  readonly capacity?: number;
  /** Keys applied in one transaction; 200. */
  readonly batch?: number;
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
 * Applies the keys of committed units to the secondary, off the caller's path: a bounded queue of keys, not of states, in which a key
 * that changes again before its turn stands once. Order needs no care: what is applied is the state at that moment, and the register
 * refuses an older one.
 */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #logger: Logger;
  readonly #aggregates: ReturnType<typeof aggregatesOf>;
  readonly #queue = new Map<string, Key>();
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
      if (this.#queue.size < capacity || this.#queue.has(name)) this.#queue.set(name, key);
      else this.#counts.dropped += 1;
    }
    this.#running ??= this.#run();
  }

  /** Ends after the transaction in hand; what is left is found by the replicator. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.clear();
    await this.#running;
  }

  async #run(): Promise<void> {
    // One macrotask later, so that the units that commit together are applied together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.size > 0) {
      const view = this.#options.stage.workView();
      if (view === null) this.#queue.clear();
      else for (const group of grouped(this.#take())) if (!this.#closed) await this.#apply(group, view);
    }
    this.#running = null;
  }

  #take(): readonly Key[] {
    const { batch = 200 } = this.#options;
    const taken: Key[] = [];
    for (const [name, key] of this.#queue) {
      taken.push(key);
      this.#queue.delete(name);
      if (taken.length === batch) break;
    }
    return taken;
  }

  async #apply(group: readonly Key[], view: StageView): Promise<void> {
    const [first] = group;
    const aggregate = first === undefined ? undefined : this.#aggregates.get(first.aggregate);
    if (first === undefined || aggregate === undefined) return;
    const keys = { aggregate, tenant: first.tenant, ids: group.map(({ id }) => id) };
    try {
      const { applied, parked } = await copyKeys(from(this.#options.replicas, view.primary), keys, view.generation);
      this.#counts.applied += applied;
      this.#counts.parked += parked;
    } catch (error) {
      this.#counts.failed += group.length;
      // Their marks are still pending: the replicator tries again, for as long as it takes.
      this.#logger.warn(
        { err: error, code: codeOf(error), keys: group.length },
        "changed keys could not be applied yet",
      );
    }
  }
}
