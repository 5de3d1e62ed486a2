import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Database } from "../stages.ts";
import type { Position } from "./replica.ts";

/** How far the backfill of one aggregate has come, in one generation. */
export interface AggregateProgress {
  readonly cursor: Position | null;
  readonly done: boolean;
  readonly copied: number;
}

export interface ReplicationState {
  readonly backfilledAt: Date | null;
  readonly sweptAt: Date | null;
}

/** Durable cursors and the two facts that guards ask for, kept in PostgreSQL per generation. Writing needs `stella_replicator`. */
export interface Progress {
  aggregate(generation: bigint, table: string): Promise<AggregateProgress>;
  save(generation: bigint, table: string, primary: Database, progress: AggregateProgress): Promise<void>;
  state(generation: bigint): Promise<ReplicationState>;
  finish(generation: bigint, fact: "backfilled_at" | "swept_at"): Promise<void>;
}

interface ProgressRow {
  readonly cursor: Position | null;
  readonly done: boolean;
  readonly copied: string;
}

export function progressOf(pool: Pool, module: string): Progress {
  const query = async <R extends object>(text: string, values: readonly unknown[]): Promise<readonly R[]> => {
    try {
      return (await pool.query<R>(text, [...values])).rows;
    } catch (error) {
      throw mapError(error);
    }
  };
  return {
    async aggregate(generation, table) {
      const [row] = await query<ProgressRow>(
        "select cursor, done, copied from cutover.backfill where module = $1 and generation = $2 and aggregate = $3",
        [module, generation, table],
      );
      return row === undefined
        ? { cursor: null, done: false, copied: 0 }
        : { cursor: row.cursor, done: row.done, copied: Number(row.copied) };
    },
    async save(generation, table, primary, { cursor, done, copied }) {
      const direction = primary === "mongo" ? "mongo-to-postgres" : "postgres-to-mongo";
      await query(
        `insert into cutover.backfill (module, generation, aggregate, direction, cursor, done, copied) values ($1, $2, $3, $4, $5, $6, $7)
 on conflict (module, generation, aggregate) do update set cursor = excluded.cursor, done = excluded.done, copied = excluded.copied, updated_at = clock_timestamp()`,
        [module, generation, table, direction, cursor === null ? null : JSON.stringify(cursor), done, copied],
      );
    },
    async state(generation) {
      const [row] = await query<{ readonly backfilled_at: Date | null; readonly swept_at: Date | null }>(
        "select backfilled_at, swept_at from cutover.replication where module = $1 and generation = $2",
        [module, generation],
      );
      return { backfilledAt: row?.backfilled_at ?? null, sweptAt: row?.swept_at ?? null };
    },
    async finish(generation, fact) {
      await query(
        `insert into cutover.replication (module, generation, ${fact}) values ($1, $2, clock_timestamp())
 on conflict (module, generation) do update set ${fact} = clock_timestamp()`,
        [module, generation],
      );
    },
  };
}
