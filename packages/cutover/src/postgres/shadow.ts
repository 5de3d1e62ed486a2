import { raised } from "@stellaops/postgres";
import type { Pool } from "pg";
import { noReads, type ShadowCounts, type ShadowTable } from "../module/shadow-counts.ts";

const tellText = "select cutover.tell_shadow($1, $2, $3, $4, $5, $6, $7, $8)";
const totalsText = `select coalesce(sum(sampled), 0)::float8 as sampled, coalesce(sum(agreed), 0)::float8 as agreed,
  coalesce(sum(lagged), 0)::float8 as lagged, coalesce(sum(differed), 0)::float8 as differed, coalesce(sum(failed), 0)::float8 as failed
  from cutover.shadow where module = $1 and epoch = $2`;

export function postgresShadow(pool: Pool, module: string): ShadowTable {
  return {
    async tell(epoch, instance, { sampled, agreed, lagged, differed, failed }) {
      await pool.query(tellText, [module, epoch, instance, sampled, agreed, lagged, differed, failed]).catch(raised);
    },
    async totals(epoch) {
      const { rows } = await pool.query<ShadowCounts>(totalsText, [module, epoch]).catch(raised);
      return rows[0] ?? noReads;
    },
  };
}
