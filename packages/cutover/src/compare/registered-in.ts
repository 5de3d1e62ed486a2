import { raised as raisedByMongo } from "@stellaops/mongo";
import { raised } from "@stellaops/postgres";
import type { Db } from "mongodb";
import type { Pool } from "pg";
import type { Database, Stage } from "../stages.ts";

interface Begun {
  readonly epoch: bigint;
  readonly stage: Stage;
}

/** The stages in which a replication begins, and the database that its backfill then writes. */
const written: Partial<Record<Stage, Database>> = { "dual-write": "postgres", "ramp-down": "mongo" };

/**
 * The database that this generation's backfill has written, once it and its sweep are complete: since then it has no row without a register
 * entry. Rows of the database that was copied from may be older than the register. Null where that is not known.
 */
export async function registeredIn(pool: Pool, db: Db, module: string, generation: bigint): Promise<Database | null> {
  const swept = await pool
    .query("select from cutover.replication where module = $1 and generation = $2 and swept_at is not null", [
      module,
      generation,
    ])
    .catch(raised);
  if (swept.rowCount === 0) return null;
  const records = [await fromPostgres(pool, module, generation), ...(await fromMongo(db, generation))];
  const [first] = records.filter((one) => one !== null).toSorted((a, b) => (a.epoch < b.epoch ? -1 : 1));
  return first === undefined ? null : (written[first.stage] ?? null);
}

async function fromPostgres(pool: Pool, module: string, generation: bigint): Promise<Begun | null> {
  const { rows } = await pool
    .query<{ readonly epoch: string; readonly stage: Stage }>(
      "select epoch, stage from cutover.stage_history where module = $1 and generation = $2 and state = 'settled' order by epoch limit 1",
      [module, generation],
    )
    .catch(raised);
  return rows[0] === undefined ? null : { epoch: BigInt(rows[0].epoch), stage: rows[0].stage };
}

/** The record as it is now enters the history only when it is replaced. */
async function fromMongo(db: Db, generation: bigint): Promise<readonly (Begun | null)[]> {
  const first = (name: string) =>
    db
      .collection<Begun & { generation: bigint; state: string }>(name, { readConcern: { level: "majority" } })
      .findOne({ generation, state: "settled" }, { sort: { epoch: 1 } })
      .catch(raisedByMongo);
  return [await first("stage_history"), await first("stage")];
}
