import type { Pool } from "pg";
import type { InstanceTable, SeenInstance } from "../stage/instance.ts";

interface InstanceRow {
  readonly instance: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly started_at: Date;
  readonly epoch: string;
  readonly age_ms: number;
}

const seenText = `select instance, host, pid, version, started_at, epoch::text,
  greatest(extract(epoch from clock_timestamp() - seen_at) * 1000, 0)::float8 as age_ms
  from cutover.instances where module = $1 order by instance`;

export function postgresInstances(pool: Pool, module: string): InstanceTable {
  return {
    async sign({ instance, host, pid, version, startedAt, epoch }) {
      const values = [module, instance, host, pid, version, startedAt, epoch];
      await pool.query("select cutover.sign_instance($1, $2, $3, $4, $5, $6, $7)", values);
    },
    async forgetSilent() {
      await pool.query("select cutover.forget_silent_instances($1)", [module]);
    },
    async seen() {
      const { rows } = await pool.query<InstanceRow>(seenText, [module]);
      return rows.map(({ started_at: startedAt, epoch, age_ms: ageMs, ...rest }): SeenInstance => ({
        ...rest,
        startedAt,
        epoch: BigInt(epoch),
        ageMs: Math.round(ageMs),
      }));
    },
    async forget(instance) {
      await pool.query("select cutover.forget_instance($1, $2)", [module, instance]);
    },
  };
}
