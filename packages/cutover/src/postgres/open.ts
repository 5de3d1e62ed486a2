import { silent } from "@stellaops/kernel";
import { checkService, raised, type Postgres } from "@stellaops/postgres";
import type { Pool } from "pg";
import type { Fixed, OpenOptions } from "../module/open.ts";
import { recorded, untilRecorded } from "../module/recorded.ts";
import type { ModuleWiring } from "../module/wiring.ts";
import { classesOf } from "../module/backend.ts";
import { postgresBackend } from "./backend.ts";
import { nothing, startMigrations } from "./start.ts";

/** One database for good: refused where the module has a stage record, which other processes follow. */
export async function fixedPostgres<R>(
  wiring: ModuleWiring<R>,
  postgres: Postgres,
  options: OpenOptions,
): Promise<Fixed> {
  const { checks = true, logger = silent } = options;
  if (checks) await refuseRecorded(wiring.name, postgres);
  const classes = classesOf(await wiring.postgres());
  const migrations = checks ? await startMigrations([wiring], postgres, logger) : nothing;
  if (checks)
    await checkPostgres(wiring, postgres).catch(async (error: unknown) => {
      await migrations.stop();
      throw error;
    });
  const backend = postgresBackend(postgres, wiring.name, classes);
  const watched = untilRecorded(backend, wiring.name, () => hasRecord(wiring.name, postgres.pool));
  return {
    backend: watched.backend,
    async close() {
      watched.close();
      await migrations.stop();
    },
  };
}

export const checkPostgres = <R>({ schema, aggregates }: ModuleWiring<R>, postgres: Postgres): Promise<void> =>
  checkService(postgres, { schema, aggregates, also: ["cutover"] });

async function refuseRecorded(module: string, { pool }: Postgres): Promise<void> {
  if (await hasRecord(module, pool).catch(raised)) throw recorded(module);
}

async function hasRecord(module: string, pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ readonly there: boolean; readonly fixable: boolean }>(
    "select to_regclass('cutover.stages') is not null as there, to_regclass('cutover.fixed') is not null as fixable",
  );
  if (rows[0]?.there !== true) return false;
  // A module that was decommissioned has left MongoDB: its record stays, and its stage does not change.
  const decommissioned = "exists (select from cutover.fixed where module = $1 and released_at is null)";
  const { rowCount } = await pool.query(
    `select from cutover.stages where module = $1${rows[0].fixable ? ` and not ${decommissioned}` : ""}`,
    [module],
  );
  return (rowCount ?? 0) > 0;
}
