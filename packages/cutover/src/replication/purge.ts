import { setTimeout as wait } from "node:timers/promises";
import { refused, retryTransient, silent, type Logger, type ModuleDefinition } from "@stellaops/kernel";
import { noFaults, type Faults } from "../faults.ts";
import type { Sides } from "../side.ts";
import type { StageSource } from "../source.ts";
import type { StageView } from "../view.ts";
import type { Replicas } from "./pair.ts";
import type { WorkLease } from "./work-lease.ts";

const day = 86_400_000;
/** How long a deletion is remembered where nothing is replicated. */
export const retentionMs = 30 * day;

export interface Purge {
  readonly module: ModuleDefinition;
  readonly sides: Sides;
  readonly replicas: Replicas;
  readonly view: StageView;
  readonly olderThanMs?: number;
  /** Register entries looked at in one unit of work; 2,000. */
  readonly batch?: number;
  readonly faults?: Faults;
  readonly signal?: AbortSignal;
}

/**
 * Deletes the tombstones of keys that were deleted long ago, at the one database that the module is in. First every apply of an older
 * replication is refused there for ever: one that comes late would find nothing in the register, and bring the key back. Each batch is a
 * unit of work of the epoch, so that one that began before a change of the stage commits nothing after it. How many were deleted.
 * @throws `PURGE_REPLICATING` (refused); `FENCED` (transient) when the stage has changed meanwhile
 */
export async function purgeTombstones(purge: Purge): Promise<number> {
  const { module, sides, replicas, view, olderThanMs = retentionMs, batch = 2_000, faults = noFaults, signal } = purge;
  if (view.secondary !== null)
    throw refused(
      "PURGE_REPLICATING",
      `module ${module.name} is at "${view.stage}": its tombstones guard the secondary; purge them at stage "mongo" or "postgres"`,
    );
  const { primary, epoch, generations } = view;
  await sides[primary].fence.closeApplies(epoch, generations);
  await faults.at("purge-closed");
  let total = 0;
  for (let after: unknown = null; ;) {
    signal?.throwIfAborted();
    const request = { epoch, olderThanMs, limit: batch, after };
    const { purged, next } = await retryTransient(() => replicas[primary].purge(request), { deadlineMs: 2_000 });
    await faults.at("purge-deleted");
    total += purged;
    if (next === null) return total;
    after = next;
  }
}

export interface PurgerOptions extends Omit<Purge, "view" | "signal"> {
  readonly stage: StageSource;
  readonly lease: WorkLease;
  /** How often; milliseconds, a day. The first time after as long. */
  readonly everyMs?: number;
  readonly logger?: Logger;
}

export interface Purger {
  close(): Promise<void>;
}

/** A purge now and then, by one service of the module at a time: whoever purges keeps the lease until the next is due. */
export function startPurger({ stage, lease, everyMs = day, logger = silent, ...rest }: PurgerOptions): Purger {
  const stop = new AbortController();
  const once = async (): Promise<void> => {
    const view = stage.current();
    if (view.secondary !== null || stage.moving() || !(await lease.hold(everyMs / 2))) return;
    const purged = await purgeTombstones({ ...rest, view, signal: stop.signal });
    logger.info({ module: rest.module.name, purged }, "tombstones of long deleted keys were purged");
  };
  const follow = async (): Promise<void> => {
    for (;;) {
      await wait(everyMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
      if (stop.signal.aborted) return;
      await once().catch((error: unknown) => logger.warn({ err: error }, "tombstones could not be purged yet"));
    }
  };
  const following = follow();
  return {
    async close() {
      stop.abort();
      await following;
    },
  };
}
