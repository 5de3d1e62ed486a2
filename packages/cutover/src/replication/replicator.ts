import { setTimeout as wait } from "node:timers/promises";
import { codeOf, silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import { noFaults, type Faults } from "../faults.ts";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import { within } from "../within.ts";
import { drain, drainKeys, type Draining } from "./drain.ts";
import { aggregatesOf, nameOf, type Replicas } from "./pair.ts";
import type { AggregateLag } from "./replica.ts";
import type { WorkLease } from "./work-lease.ts";

export interface ReplicatorOptions {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  /** Keeps all but one of the module's replicators standing by; without it this one always works. */
  readonly lease?: WorkLease;
  /** How long the others wait for one that has died; milliseconds, 3,000. */
  readonly leaseMs?: number;
  /** How often pending keys are looked for; milliseconds, 500. Ten times as often while the stage is moving. */
  readonly pollMs?: number;
  /** Keys taken at one look; 500. */
  readonly batch?: number;
  /** How often parked keys are tried again; milliseconds, 30,000. */
  readonly retryParkedMs?: number;
  /** How often the backlog is counted for `counts.lag`; milliseconds, 5,000. */
  readonly lagMs?: number;
  /** How long one look may take before it is given up, so that a connection that died in silence holds up nothing; milliseconds, 60,000. */
  readonly lookMs?: number;
  /** Gets what a look failed with. */
  readonly onFailure?: (error: unknown) => void;
  readonly faults?: Faults;
  readonly logger?: Logger;
}

export interface ReplicatorCounts {
  /** It drains; the others of the module stand by. */
  readonly active: boolean;
  readonly applied: number;
  readonly parked: number;
  /** Looks that failed. */
  readonly failed: number;
  /** As it was counted last; empty where this one stands by. */
  readonly lag: readonly AggregateLag[];
}

export interface Replicator {
  readonly counts: ReplicatorCounts;
  /** Drains what is pending now, once; how many keys were applied or set aside. */
  drain(signal?: AbortSignal): Promise<number>;
  /** Ends after the transaction in hand. */
  close(): Promise<void>;
}

/** A database that hangs must not keep a service from ending. */
const closingMs = 10_000;

/**
 * Drains the keys whose pending mark was left behind: by a killed process, a full queue, a secondary that was away. Keeps no position:
 * the order of commits has holes. Any number may run at once; they waste work, never lose it, since every apply goes through the register.
 * The lease only saves that work. While the stage is moving nobody stands by: then the drain is what everybody waits for.
 */
export function startReplicator(options: ReplicatorOptions): Replicator {
  const { module, replicas, stage, lease, onFailure = () => {}, faults = noFaults, logger = silent } = options;
  const {
    leaseMs = 3_000,
    pollMs = 500,
    batch = 500,
    retryParkedMs = 30_000,
    lagMs = 5_000,
    lookMs = 60_000,
  } = options;
  const stop = new AbortController();
  const counts = { active: false, applied: 0, parked: 0, failed: 0, lag: [] as readonly AggregateLag[] };

  const tell = (error: unknown): void => {
    counts.failed += 1;
    onFailure(error);
    logger.warn({ err: error, code: codeOf(error) }, "pending keys could not be drained yet");
  };
  const draining: Draining = {
    aggregates: aggregatesOf(module),
    replicas,
    faults,
    signal: stop.signal,
    failed: tell,
  };

  let renewAt = 0;
  const active = async (): Promise<boolean> => {
    if (lease === undefined) return true;
    if (counts.active && performance.now() < renewAt) return true;
    renewAt = performance.now() + leaseMs / 3;
    return within(leaseMs, lease.hold(leaseMs));
  };

  /** Keys seen pending at the last look too: the applier of the process that wrote them has had its turn. */
  let before: ReadonlySet<string> = new Set();
  /** True when there may be more to do at once: the appliers do not keep up, or were not there. */
  const look = async (view: StageView): Promise<boolean> => {
    const pending = await replicas[view.primary].pending(batch);
    const full = pending.length === batch;
    const due = pending.filter((key) => full || stage.moving() || before.has(nameOf(key)));
    before = new Set(pending.map(nameOf));
    if (due.length === 0) return false;
    const { applied, parked } = await drainKeys(draining, due, view);
    counts.applied += applied;
    counts.parked += parked;
    return applied + parked > 0 && full;
  };

  /** Runs once in so many milliseconds. */
  const every = (milliseconds: number, first: number, work: (view: StageView) => Promise<void>) => {
    let due = performance.now() + first;
    return async (view: StageView): Promise<void> => {
      if (performance.now() < due) return;
      due = performance.now() + milliseconds;
      await work(view);
    };
  };
  const retryParked = every(retryParkedMs, retryParkedMs, async (view) => {
    await replicas[view.primary].unpark();
  });
  const countLag = every(lagMs, 0, async (view) => {
    counts.lag = await replicas[view.primary].lag();
  });

  const turn = async (): Promise<boolean> => {
    const view = stage.workView();
    counts.active = view !== null && ((await active()) || stage.moving());
    if (view === null || !counts.active) {
      counts.lag = [];
      return false;
    }
    await retryParked(view);
    await countLag(view);
    return look(view);
  };

  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const more = await within(lookMs, turn()).catch((error: unknown) => {
        tell(error);
        return false;
      });
      const pause = more ? 0 : stage.moving() ? pollMs / 10 : pollMs;
      await wait(pause, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const following = follow();

  return {
    get counts() {
      return { ...counts };
    },
    async drain(signal = stop.signal) {
      const { applied, parked } = await drain({ ...draining, signal }, () => stage.workView(), batch);
      return applied + parked;
    },
    async close() {
      stop.abort();
      await within(closingMs, following).catch(() => undefined);
      await lease?.release().catch(() => undefined);
    },
  };
}
