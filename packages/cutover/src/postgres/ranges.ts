import type { Aggregate } from "@stellaops/kernel";
import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import { rangesOf, sampleOf } from "../replication/ranges.ts";
import type { Position, Ranges } from "../replication/replica.ts";

export async function ranges(pool: Pool, { module, table }: Aggregate, size: number): Promise<Ranges> {
  const name = `"${module}"."${table}"`;
  try {
    const counted = await pool.query<{ readonly count: string }>(`select count(*) from ${name}`);
    const estimate = Number(counted.rows[0]?.count ?? 0);
    const sample = sampleOf(estimate, size);
    if (sample === 0) return rangesOf(estimate, size, []);
    // Rows, not pages: the sample of a table of few pages would be all of it or nothing.
    const { rows } = await pool.query<Position>(
      `select tenant_id as tenant, id from ${name} tablesample bernoulli ($1) order by tenant_id, id`,
      [Math.min(100, (sample * 100) / estimate)],
    );
    return rangesOf(estimate, size, rows);
  } catch (error) {
    throw mapError(error);
  }
}
