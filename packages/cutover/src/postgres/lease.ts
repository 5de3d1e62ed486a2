import type { Pool } from "pg";
import type { Lease, LeaseTable } from "../side.ts";
import { mapError } from "./fence.ts";

interface LeaseRow {
  readonly instance: string;
  readonly epoch: string;
  readonly until: Date;
  readonly left_ms: number;
}

const outstandingText = `select instance, epoch::text, until,
  (extract(epoch from until - clock_timestamp()) * 1000)::float8 as left_ms from cutover.leases
  where module = $1 and epoch <= $2 and until > clock_timestamp() - $3 * interval '1 millisecond' order by instance`;

export function postgresLeases(pool: Pool, module: string): LeaseTable {
  return {
    async grant({ instance, epoch, milliseconds }) {
      try {
        await pool.query("select cutover.lease($1, $2, $3, $4)", [module, epoch, instance, milliseconds]);
      } catch (error) {
        throw mapError(error);
      }
    },
    async acknowledge(instance) {
      await pool.query("select cutover.acknowledge($1, $2)", [module, instance]);
    },
    async outstanding(epoch, marginMs) {
      const { rows } = await pool.query<LeaseRow>(outstandingText, [module, epoch, marginMs]);
      return rows.map(({ left_ms: left, ...row }): Lease => ({
        ...row,
        epoch: BigInt(row.epoch),
        leftMs: Math.round(left),
      }));
    },
  };
}
