import { installMongo } from "@stellaops/cutover";
import { openMongo, transaction, type Mongo, type Unit } from "@stellaops/mongo";
import { mongoDatabase, type MongoDatabase } from "@stellaops/testkit";
import { openVuln, vuln } from "@stellaops/vuln";
import { repositories } from "../src/mongo/index.ts";
import {
  scopes,
  scopesOfModule,
  testRegister,
  type Entry,
  type Name,
  type Repositories,
  type Rig,
  type Runner,
} from "./store.ts";

export interface MongoRig extends Rig {
  readonly database: MongoDatabase;
  readonly mongo: Mongo;
}

const bind = (unit: Unit): Repositories =>
  Object.fromEntries(
    Object.entries(repositories).map(([name, Repository]) => [name, new Repository(unit)]),
  ) as unknown as Readonly<Record<Name, never>>;

/** `monitorCommands` in the URL makes the driver tell of every command it sends. */
export async function mongoRig({ registered = false } = {}): Promise<MongoRig> {
  const database = await mongoDatabase();
  const mongo = openMongo({ url: `${database.url}&monitorCommands=true` });
  const { db } = mongo;
  await installMongo({ module: vuln, db });
  const opened = await openVuln({ mongo, stage: "mongo" });
  const inUnit: Runner["single"] = (tenant, work) =>
    transaction(mongo, { tenant, register: testRegister }, (unit) => work(bind(unit)));
  return {
    database,
    mongo,
    registered,
    at: registered
      ? // With a register a verb is a transaction, as under a live stage.
        scopes({ single: inUnit, transaction: inUnit })
      : scopesOfModule(opened),
    register: async () => {
      const sort = { aggregate: 1, tenantId: 1, id: 1 } as const;
      // Times of the server are of each database.
      const projection = { _id: 0, refusal: 0, changedAt: 0 };
      return db.collection("register").find<Entry>({}, { sort, projection }).toArray();
    },
    reset: async () => {
      const names = [...vuln.aggregates.map(({ table }) => table), "register"];
      await Promise.all(names.map((name) => db.collection(name).deleteMany({})));
    },
    close: async () => {
      await opened.close();
      await mongo.close();
      await database.expectNoLeaks();
      await database.drop();
    },
  };
}
