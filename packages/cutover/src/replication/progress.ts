import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Position, Range, Ranges } from "./replica.ts";
import { workLease, type WorkLease } from "./work-lease.ts";

/** One key range of a backfill, as it was claimed. */
export interface Item extends Range {
  readonly aggregate: string;
  readonly item: number;
  /** The last key that was copied, by whomever. */
  readonly cursor: Position | null;
  /** Only under the token of the last claim can an item be saved. */
  readonly token: string;
}

export interface Copied {
  readonly cursor: Position | null;
  /** Keys copied since the last time. */
  readonly copied: number;
  readonly done: boolean;
  /** Keys a second. */
  readonly rate: number;
}

/** How far the backfill of one aggregate is, over all processes. */
export interface AggregateProgress {
  readonly aggregate: string;
  readonly copied: number;
  /** Keys when it was planned, about. */
  readonly estimate: number;
  readonly items: number;
  readonly itemsDone: number;
  readonly done: boolean;
  /** Workers that hold an item of it now, and their keys a second together. */
  readonly workers: number;
  readonly rate: number;
}

export interface ReplicationState {
  readonly backfilledAt: Date | null;
  readonly sweptAt: Date | null;
  readonly plannedAt: Date | null;
  /** While this is set, no worker goes on. */
  readonly pausedAt: Date | null;
  readonly pausedBy: string | null;
}

/** What a save comes back with. */
export type Held = "held" | "lost" | "paused";

/**
 * The key ranges of a backfill with their durable cursors, and the facts that guards ask for; in PostgreSQL, per generation.
 * Workers of several processes share them. Writing needs `stella_replicator`.
 */
export interface Progress {
  state(generation: bigint): Promise<ReplicationState>;
  finish(generation: bigint, fact: "backfilled_at" | "swept_at"): Promise<void>;
  /** Null: takes the pause away. */
  pause(generation: bigint, by: string | null): Promise<void>;
  /** Writes the plan, once: where there is one already, that stands. */
  plan(generation: bigint, ranges: ReadonlyMap<string, Ranges>): Promise<void>;
  aggregates(generation: bigint): Promise<readonly AggregateProgress[]>;
  /** A free item, or one whose worker has let its lease run out. */
  claim(generation: bigint, worker: string, leaseMs: number): Promise<Item | null>;
  /** Saves how far an item is, and renews the lease. `lost`: another worker has it now, and nothing was saved. */
  save(generation: bigint, item: Item, progress: Copied, leaseMs: number): Promise<Held>;
  /** Gives an item back at once; another may go on from its cursor. */
  release(generation: bigint, item: Item): Promise<void>;
  /** For what only one worker is to do. */
  lease(work: string, holder: string): WorkLease;
}

interface ItemRow extends Omit<Item, "first" | "last"> {
  readonly first_key: Position | null;
  readonly last_key: Position | null;
}

interface StateRow {
  readonly backfilled_at: Date | null;
  readonly swept_at: Date | null;
  readonly planned_at: Date | null;
  readonly paused_at: Date | null;
  readonly paused_by: string | null;
}

const aggregatesText = `select aggregate, sum(copied)::float8 as copied, sum(estimate)::float8 as estimate, count(*)::int as items,
   (count(*) filter (where done))::int as "itemsDone", bool_and(done) as done,
   (count(distinct worker) filter (where live))::int as workers, coalesce(sum(rate) filter (where live), 0)::float8 as rate
 from (select *, not done and until > clock_timestamp() as live from cutover.backfill_items where module = $1 and generation = $2) items
 group by aggregate`;

const planText = `with begun as (
   insert into cutover.replication as r (module, generation, planned_at) values ($1, $2, clock_timestamp())
   on conflict (module, generation) do update set planned_at = excluded.planned_at where r.planned_at is null returning 1)
 insert into cutover.backfill_items (module, generation, aggregate, item, first_key, last_key, estimate)
 select $1, $2, i.aggregate, i.item, i.first, i.last, i.estimate
 from begun, jsonb_to_recordset($3) as i(aggregate text, item integer, first jsonb, last jsonb, estimate bigint)`;

/** Materialized: as a sub-query it may be run once per row, and take a free item each time. */
const claimText = `with free as materialized (
   select aggregate, item from cutover.backfill_items
   where module = $1 and generation = $2 and not done and (until is null or until < clock_timestamp())
   order by aggregate, item limit 1 for update skip locked)
 update cutover.backfill_items i
 set worker = $3, until = clock_timestamp() + $4 * interval '1 millisecond', token = i.token + 1, rate = 0
 from free where i.module = $1 and i.generation = $2 and i.aggregate = free.aggregate and i.item = free.item
 returning i.aggregate, i.item, i.first_key, i.last_key, i.cursor, i.token`;

const saveText = `with saved as (
   update cutover.backfill_items set cursor = $6, copied = copied + $7, done = $8, rate = $9, updated_at = clock_timestamp(),
     until = case when $8 then null else clock_timestamp() + $10 * interval '1 millisecond' end
   where module = $1 and generation = $2 and aggregate = $3 and item = $4 and token = $5 and not done returning 1)
 select exists (select from saved) as held,
   exists (select from cutover.replication where module = $1 and generation = $2 and paused_at is not null) as paused`;

export function progressOf(pool: Pool, module: string): Progress {
  const query = async <R extends object>(text: string, values: readonly unknown[]): Promise<readonly R[]> => {
    try {
      return (await pool.query<R>(text, [module, ...values])).rows;
    } catch (error) {
      throw mapError(error);
    }
  };
  return {
    async state(generation) {
      const [row] = await query<StateRow>(
        "select backfilled_at, swept_at, planned_at, paused_at, paused_by from cutover.replication where module = $1 and generation = $2",
        [generation],
      );
      return {
        backfilledAt: row?.backfilled_at ?? null,
        sweptAt: row?.swept_at ?? null,
        plannedAt: row?.planned_at ?? null,
        pausedAt: row?.paused_at ?? null,
        pausedBy: row?.paused_by ?? null,
      };
    },
    async finish(generation, fact) {
      await query(
        `insert into cutover.replication as r (module, generation, ${fact}) values ($1, $2, clock_timestamp())
 on conflict (module, generation) do update set ${fact} = excluded.${fact} where r.${fact} is null`,
        [generation],
      );
    },
    async pause(generation, by) {
      await query(
        `insert into cutover.replication as r (module, generation, paused_at, paused_by)
 values ($1, $2, case when $3::text is null then null else clock_timestamp() end, $3)
 on conflict (module, generation) do update set paused_at = excluded.paused_at, paused_by = excluded.paused_by`,
        [generation, by],
      );
    },
    async plan(generation, ranges) {
      const items = [...ranges].flatMap(([aggregate, { estimate, ranges: all }]) =>
        all.map((range, item) => ({ aggregate, item, ...range, estimate: Math.round(estimate / all.length) })),
      );
      await query(planText, [generation, JSON.stringify(items)]);
    },
    aggregates: (generation) => query<AggregateProgress>(aggregatesText, [generation]),
    async claim(generation, worker, leaseMs) {
      const [row] = await query<ItemRow>(claimText, [generation, worker, leaseMs]);
      if (row === undefined) return null;
      const { first_key: first, last_key: last, ...item } = row;
      return { ...item, first, last };
    },
    async save(generation, { aggregate, item, token }, { cursor, copied, done, rate }, leaseMs) {
      const at = cursor === null ? null : JSON.stringify(cursor);
      const [row] = await query<{ readonly held: boolean; readonly paused: boolean }>(saveText, [
        generation,
        aggregate,
        item,
        token,
        at,
        copied,
        done,
        rate,
        leaseMs,
      ]);
      return row?.held !== true ? "lost" : row.paused ? "paused" : "held";
    },
    async release(generation, { aggregate, item, token }) {
      await query(
        "update cutover.backfill_items set until = null where module = $1 and generation = $2 and aggregate = $3 and item = $4 and token = $5",
        [generation, aggregate, item, token],
      );
    },
    lease: (work, holder) => workLease(pool, { module, work, holder }),
  };
}
