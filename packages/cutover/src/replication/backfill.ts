import {
  refused,
  retryTransient,
  type Aggregate,
  type ModuleDefinition,
  type TenantId,
  maxBytes,
  sizeOf,
} from "@stellaops/kernel";
import type { Sides } from "../side.ts";
import { otherDatabase } from "../stages.ts";
import type { StageView } from "../view.ts";
import { applyStates } from "./copy.ts";
import { from, type Replicas } from "./pair.ts";
import type { Progress } from "./progress.ts";
import type { KeyState, Position, Scanned } from "./replica.ts";

export interface BackfillOptions {
  readonly module: ModuleDefinition;
  /** With a role that sees all tenants. */
  readonly replicas: Replicas;
  readonly sides: Sides;
  readonly progress: Progress;
  /** The stage as it is now; asked again before each batch, since a backfill belongs to one generation. */
  readonly view: () => Promise<StageView>;
  /** Keys a batch at most; 500, and fewer where they are large. */
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackfillProgress) => void;
}

export interface BackfillProgress {
  readonly aggregate: string;
  readonly copied: number;
  readonly done: boolean;
}

export interface Backfilled {
  readonly generation: bigint;
  /** Rows and documents of the primary, also those that were copied before an interruption. */
  readonly copied: number;
  /** Refused by the secondary in this run; after the sweep they are tried once more, by a replicator. */
  readonly parked: number;
  /** Rows of the secondary that no apply of this generation had touched. */
  readonly swept: number;
}

/** MongoDB ends the transaction of a killed process only after a minute (`transactionLifetimeLimitSeconds`). */
const closingMs = 90_000;

/**
 * Copies everything the primary holds, in the order of (tenant, id), through the register; then sweeps what older generations left at the
 * secondary. Resumes from its durable cursors, and ends at once where this generation is done.
 * @throws `BACKFILL_NOT_REPLICATING`, `BACKFILL_GENERATION_OVER` (refused)
 */
export async function backfill(options: BackfillOptions): Promise<Backfilled> {
  const { module, replicas, sides, progress, signal } = options;
  const view = replicating(await options.view(), module);
  const { generation, primary } = view;
  const before = await progress.state(generation);
  if (before.sweptAt !== null) return { generation, copied: 0, parked: 0, swept: 0 };
  let copied = 0;
  let parked = 0;
  for (const aggregate of module.aggregates) {
    const result = await backfillAggregate(options, view, aggregate);
    copied += result.copied;
    parked += result.parked;
  }
  if (before.backfilledAt === null) await progress.finish(generation, "backfilled_at");
  const secondary = otherDatabase(primary);
  // Older applies are refused from here on: the register cannot guard a key that has no row there.
  await sides[secondary].fence.closeApplies(generation, view.generations, closingMs);
  let swept = 0;
  for (const aggregate of module.aggregates) swept += await replicas[secondary].sweep(aggregate, generation, signal);
  // What older rows held there, a unique value for one, is gone now.
  await replicas[primary].unpark();
  await progress.finish(generation, "swept_at");
  return { generation, copied, parked, swept };
}

function replicating(view: StageView, { name }: ModuleDefinition): StageView {
  if (view.secondary !== null) return view;
  throw refused(
    "BACKFILL_NOT_REPLICATING",
    `module ${name} is at stage ${view.stage}, which has one database; advance it to a stage that replicates first`,
  );
}

const firstPage = 10;

async function backfillAggregate(
  { module, replicas, progress, view: current, batch = 500, signal, onProgress }: BackfillOptions,
  { generation, primary }: StageView,
  aggregate: Aggregate,
): Promise<{ copied: number; parked: number }> {
  const { table } = aggregate;
  const pair = from(replicas, primary);
  const resumed = await progress.aggregate(generation, table);
  let { cursor, copied } = resumed;
  let parked = 0;
  // Keys are asked for by the page and weigh from a hundred bytes to megabytes: the first page is small, and tells how large the next may be.
  let limit = Math.min(firstPage, batch);
  for (let done = resumed.done; !done;) {
    signal?.throwIfAborted();
    const now = await current();
    if (now.generation !== generation || now.primary !== primary)
      throw refused("BACKFILL_GENERATION_OVER", `the stage of module ${module.name} changed; begin the backfill again`);
    const scanned = await pair[0].scan(aggregate, cursor, limit);
    for (const [tenant, states] of byTenant(scanned, generation)) {
      parked += await retryTransient(() => applyStates(pair, { aggregate, tenant }, states, generation));
    }
    done = scanned.length < limit;
    const weight = sizeOf(scanned.map(({ state }) => state.value));
    limit = weight > maxBytes / 2 ? Math.max(1, Math.floor(limit / 2)) : Math.min(batch, limit * 2);
    copied += scanned.length;
    cursor = lastOf(scanned) ?? cursor;
    await progress.save(generation, table, primary, { cursor, done, copied });
    onProgress?.({ aggregate: table, copied, done });
  }
  return { copied, parked };
}

/** Stamped with the higher of their own and this generation, so that the sweep can tell them from what older ones left. */
function byTenant(scanned: readonly Scanned[], generation: bigint): ReadonlyMap<TenantId, readonly KeyState[]> {
  const groups = new Map<TenantId, KeyState[]>();
  for (const { tenant, state } of scanned) {
    const stamped = state.generation > generation ? state : { ...state, generation };
    const group = groups.get(tenant);
    if (group === undefined) groups.set(tenant, [stamped]);
    else group.push(stamped);
  }
  return groups;
}

const lastOf = (scanned: readonly Scanned[]): Position | null => {
  const last = scanned.at(-1);
  return last === undefined ? null : { tenant: last.tenant, id: last.state.id };
};
