import { applyMongo, createMigrator, provision } from "@stellaops/migrator";
import { loginRole, mongoDatabase, postgresDatabase, roleUrl } from "@stellaops/testkit";
import { MongoClient } from "mongodb";
import type { ClientSession, Db } from "mongodb";
import pg from "pg";
import {
  changeStage,
  mongoFence,
  mongoSchema,
  mongoSide,
  postgresFence,
  postgresSchema,
  postgresSide,
} from "../src/index.ts";
import type { Change, Database, Sides, Stage, StageChange, StageView } from "../src/index.ts";

export const module = "demo";

export interface Rig extends AsyncDisposable {
  readonly sides: Sides;
  readonly pool: pg.Pool;
  readonly db: Db;
  readonly urls: { readonly postgres: string; readonly mongo: string };
}

/** One database on each server, with the schema of the cutover, as a service sees them. */
export async function rig(): Promise<Rig> {
  const postgres = await postgresDatabase({ template: "cutover", prepare });
  const mongo = await mongoDatabase();
  const role = await loginRole("cutover_service", { memberOf: ["cutover_app"] });
  const urls = { postgres: roleUrl(postgres.url, role.name, role.password), mongo: mongo.url };
  const { sides, pool, client, db } = connect(urls);
  await applyMongo(db, mongoSchema);
  return {
    sides,
    pool,
    db,
    urls,
    async [Symbol.asyncDispose]() {
      await pool.end();
      await client.close();
      await postgres.expectNoLeaks();
      await mongo.expectNoLeaks();
      await postgres.drop();
      await mongo.drop();
    },
  };
}

async function prepare(url: string): Promise<void> {
  await provision({ module: postgresSchema, url });
  await createMigrator({ url, module: postgresSchema }).apply();
}

export function connect(urls: Rig["urls"]): { sides: Sides; pool: pg.Pool; client: MongoClient; db: Db } {
  const pool = new pg.Pool({ connectionString: urls.postgres, options: "-c timezone=UTC", max: 20 });
  const client = new MongoClient(urls.mongo, { useBigInt64: true });
  const db = client.db();
  return { sides: { postgres: postgresSide(pool, module), mongo: mongoSide(db, module) }, pool, client, db };
}

/** Who changes the stage of a module that never has anything to drain. */
export const handsOn = (sides: Sides, by = "operator"): Change => ({ sides, by, drained: () => Promise.resolve(true) });

export const changeTo = (sides: Sides, target: Stage, rest: Partial<StageChange> = {}): Promise<StageView> =>
  changeStage({ ...handsOn(sides), target, reason: "a test", ...rest });

/** A unit of work that enters the epoch, does `inside`, and commits. */
export const unit = (
  at: Pick<Rig, "pool" | "db">,
  database: Database,
  epoch: bigint,
  inside: Inside = () => {},
): Promise<void> => (database === "postgres" ? postgresUnit(at.pool, epoch, inside) : mongoUnit(at.db, epoch, inside));

type Inside = () => void | Promise<void>;

async function postgresUnit(pool: pg.Pool, epoch: bigint, inside: Inside): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const { text, values } = postgresFence.enterEpoch(module, epoch);
    await client.query(text, [...values]);
    await inside();
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw postgresFence.mapError(error);
  } finally {
    client.release();
  }
}

const mongoUnit = (db: Db, epoch: bigint, inside: (session: ClientSession) => void | Promise<void>): Promise<void> =>
  db.client.withSession(async (session) => {
    session.startTransaction({ readConcern: { level: "snapshot" }, writeConcern: { w: "majority" } });
    try {
      await mongoFence.enterEpoch(db, session, epoch);
      await inside(session);
      await session.commitTransaction();
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction();
      throw error;
    }
  });
