import { setTimeout as wait } from "node:timers/promises";
import { codeOf, silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import { copyKeys } from "./copy.ts";
import { aggregatesOf, from, grouped, type Replicas } from "./pair.ts";
import type { Key } from "./replica.ts";

export interface ReplicatorOptions {
  readonly module: ModuleDefinition;
  readonly replicas: Replicas;
  readonly stage: StageSource;
  /** How often pending keys are looked for; milliseconds, 500. Ten times as often while the stage is moving. */
  readonly pollMs?: number;
  /** Keys taken at one look; 500. */
  readonly batch?: number;
  readonly logger?: Logger;
}

export interface Replicator {
  /** Drains what is pending now, once; how many keys were applied or set aside. */
  drain(signal?: AbortSignal): Promise<number>;
  close(): Promise<void>;
}

/**
 * Drains the keys whose pending mark was left behind: by a killed process, a full queue, a secondary that was away. Keeps no position:
 * the order of commits has holes. Any number may run at once; they waste work, never lose it, since every apply goes through the register.
 */
export function startReplicator(options: ReplicatorOptions): Replicator {
  const { module, replicas, stage, pollMs = 500, batch = 500, logger = silent } = options;
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

  /** Keys seen pending at the last look too: the applier of the process that wrote them has had its turn. */
  let before = new Set<string>();
  const look = async (view: StageView, all: boolean): Promise<number> => {
    const pending = await replicas[view.primary].pending(batch);
    const names = new Set(pending.map(({ aggregate, tenant, id }) => `${aggregate}/${tenant}/${id}`));
    const due = pending.filter((key) => all || before.has(`${key.aggregate}/${key.tenant}/${key.id}`));
    before = names;
    let done = 0;
    for (const group of grouped(due)) done += await copy(group, view);
    return done;
  };

  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const view = stage.workView();
      const moving = stage.moving();
      try {
        if (view !== null) await look(view, moving);
      } catch (error) {
        logger.warn({ err: error, code: codeOf(error) }, "pending keys could not be drained yet");
      }
      await wait(moving ? pollMs / 10 : pollMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const following = follow();

  return {
    async drain(signal) {
      let total = 0;
      for (;;) {
        signal?.throwIfAborted();
        const view = stage.workView();
        const done = view === null ? 0 : await look(view, true);
        if (done === 0) return total;
        total += done;
      }
    },
    async close() {
      stop.abort();
      await following;
    },
  };
}
