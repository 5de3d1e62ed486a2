import { mapError } from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Purged, PurgeRequest } from "../replication/replica.ts";

interface At {
  readonly tenant: string | null;
  readonly aggregate: string | null;
  readonly id: string | null;
}

/** One statement is one unit of work: the function enters the fence itself. */
export async function purge(
  pool: Pool,
  module: string,
  { epoch, olderThanMs, limit, after }: PurgeRequest,
): Promise<Purged> {
  const { tenant, aggregate, id } = (after ?? { tenant: null, aggregate: null, id: null }) as At;
  try {
    const { rows } = await pool.query<{
      purged: string;
      ended: boolean;
      p_tenant: string;
      p_aggregate: string;
      p_id: string;
    }>("select * from cutover.purge_tombstones($1, $2, $3, $4, $5, $6, $7)", [
      module,
      epoch,
      olderThanMs,
      limit,
      tenant,
      aggregate,
      id,
    ]);
    const [row] = rows;
    const next =
      row === undefined || row.ended ? null : { tenant: row.p_tenant, aggregate: row.p_aggregate, id: row.p_id };
    return { purged: Number(row?.purged ?? 0), next };
  } catch (error) {
    throw mapError(error);
  }
}
