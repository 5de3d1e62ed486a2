import { setTimeout as wait } from "node:timers/promises";
import { codeOf, familyOf, retryTransient, silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import { copyKeys } from "./copy.ts";
import { aggregatesOf, from, grouped, nameOf, type Replicas } from "./pair.ts";
import type { Key } from "./replica.ts";

export interface ReplicatorOptions {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  /** How often pending keys are looked for; milliseconds, 500. Ten times as often while the stage is moving. */
  readonly pollMs?: number;
  /** Keys taken at one look; 500. */
  readonly batch?: number;
  /** How often parked keys are tried again; milliseconds, 30,000. */
  readonly retryParkedMs?: number;
  readonly logger?: Logger;
}

export interface Replicator {
  /** Drains what is pending now, once; how many keys were applied or set aside. */
  drain(signal?: AbortSignal): Promise<number>;
  /** Ends after the transaction in hand. */
  close(): Promise<void>;
}

/**
 * Drains the keys whose pending mark was left behind: by a killed process, a full queue, a secondary that was away. Keeps no position:
 * the order of commits has holes. Any number may run at once; they waste work, never lose it, since every apply goes through the register.
 */
export function startReplicator(options: ReplicatorOptions): Replicator {
  const { module, replicas, stage, pollMs = 500, batch = 500, retryParkedMs = 30_000, logger = silent } = options;
  const aggregates = aggregatesOf(module);
  const stop = new AbortController();

  const copy = async (group: readonly Key[], view: StageView): Promise<number> => {
    const [first] = group;
    const aggregate = first === undefined ? undefined : aggregates.get(first.aggregate);
    if (first === undefined || aggregate === undefined) return 0;
    const keys = { aggregate, tenant: first.tenant, ids: group.map(({ id }) => id) };
    const { applied, parked } = await copyKeys(from(replicas, view.primary), keys, view.generation);
    return applied + parked;
  };

  /** One group's trouble is not the others'; a server that is away is everybody's. */
  const copyAll = async (keys: readonly Key[], view: StageView): Promise<number> => {
    let done = 0;
    const failures: unknown[] = [];
    for (const group of grouped(keys)) {
      if (stop.signal.aborted) break;
      try {
        done += await copy(group, view);
      } catch (error) {
        if (familyOf(error) === "unavailable") throw error;
        failures.push(error);
      }
    }
    if (done === 0 && failures.length > 0) throw failures[0];
    for (const error of failures) tell(error);
    return done;
  };

  const tell = (error: unknown): void =>
    logger.warn({ err: error, code: codeOf(error) }, "pending keys could not be drained yet");

  /** Keys seen pending at the last look too: the applier of the process that wrote them has had its turn. */
  let before: ReadonlySet<string> = new Set();
  /** True when there may be more to do at once: the appliers do not keep up, or were not there. */
  const look = async (view: StageView): Promise<boolean> => {
    const pending = await replicas[view.primary].pending(batch);
    const full = pending.length === batch;
    const due = pending.filter((key) => full || stage.moving() || before.has(nameOf(key)));
    before = new Set(pending.map(nameOf));
    return (await copyAll(due, view)) > 0 && full;
  };

  let retryAt = performance.now() + retryParkedMs;
  const retryParked = async (view: StageView): Promise<void> => {
    if (performance.now() < retryAt) return;
    retryAt = performance.now() + retryParkedMs;
    await replicas[view.primary].unpark();
  };

  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const view = stage.workView();
      let more = false;
      try {
        if (view !== null) {
          await retryParked(view);
          more = await look(view);
        }
      } catch (error) {
        tell(error);
      }
      const pause = more ? 0 : stage.moving() ? pollMs / 10 : pollMs;
      await wait(pause, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const following = follow();

  return {
    async drain(signal) {
      for (let total = 0; ;) {
        signal?.throwIfAborted();
        const [found, done] = await retryTransient(async () => {
          const view = stage.workView();
          const keys = view === null ? [] : await replicas[view.primary].pending(batch);
          return [keys.length, view === null ? 0 : await copyAll(keys, view)];
        });
        total += done;
        // Beyond a full batch there is more; what came meanwhile is not waited for, or a key that is written all the time would hold this up.
        if (done === 0 || found < batch) return total;
      }
    },
    async close() {
      stop.abort();
      await following;
    },
  };
}
