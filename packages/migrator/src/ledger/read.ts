import { refused } from "@stellaops/kernel";
import type pg from "pg";
import type { Category } from "../files/name.ts";
import type { MigrationModule } from "../module.ts";
import { sqlStateOf } from "../sql/state.ts";
import type { Cursor, LedgerRow } from "./row.ts";
import { readLedger } from "./sql.ts";

interface Raw {
  readonly name: string;
  readonly category: Category;
  readonly checksum: string;
  readonly state: "running" | "applied";
  readonly cursor: Cursor | null;
  readonly rows_done: string;
  readonly applied_at: Date;
  readonly applied_by: string;
  readonly duration_ms: number;
}

/** One round trip. Undefined where there is no ledger yet. */
export async function rowsOf(
  client: pg.ClientBase,
  module: MigrationModule,
): Promise<readonly LedgerRow[] | undefined> {
  try {
    const { rows } = await client.query<Raw>(readLedger(module));
    return rows.map(({ rows_done, applied_at, applied_by, duration_ms, ...rest }) => ({
      ...rest,
      rowsDone: BigInt(rows_done),
      appliedAt: applied_at,
      appliedBy: applied_by,
      durationMs: duration_ms,
    }));
  } catch (cause) {
    const state = sqlStateOf(cause);
    // undefined_table, invalid_schema_name
    if (state === "42P01" || state === "3F000") return undefined;
    if (state === "42501")
      throw refused(
        "MIGRATION_LEDGER_FORBIDDEN",
        `this role may not read ${module.schema}.schema_migrations; run \`stella-data migrate provision --module ${module.name}\` and log in as a member of ${module.name}_app`,
        { cause },
      );
    throw cause;
  }
}
