import { installMongo } from "@stellaops/cutover";
import { openModule, type SystemRepositories, type SystemWiring } from "@stellaops/cutover/open";
import { openMongo, transaction, type Mongo } from "@stellaops/mongo";
import { mongoDatabase, type MongoDatabase } from "../mongo-database.ts";
import type { AnyWiring, Entry, Rig, RigOptions } from "./rig.ts";
import { bind, registerFor, scopesOfModule, scopesOver, type Runner } from "./scopes.ts";

export interface MongoRig<R, S = object> extends Rig<R, S> {
  readonly database: MongoDatabase;
  readonly mongo: Mongo;
}

/** `monitorCommands` in the URL makes the driver tell of every command it sends. */
export async function mongoRig<R, S extends SystemRepositories<S> = object>(
  wiring: AnyWiring<R, S>,
  { registered = false }: RigOptions = {},
): Promise<MongoRig<R, S>> {
  const database = await mongoDatabase();
  const mongo = openMongo({ url: `${database.url}&monitorCommands=true` });
  const { db } = mongo;
  await installMongo({ module: wiring, db });
  const opened = await openModule(wiring as SystemWiring<R, S>, { mongo, stage: "mongo" });
  const { repositories } = await wiring.mongo();
  const register = registerFor(wiring.name);
  const inUnit: Runner["single"] = (tenant, work) =>
    transaction(mongo, { tenant, register }, (unit) => work(bind(repositories, unit)));
  return {
    database,
    mongo,
    registered,
    at: registered
      ? // With a register a verb is a transaction, as under a live stage.
        scopesOver(wiring, { single: inUnit, transaction: inUnit })
      : scopesOfModule(opened),
    system: () => opened.system(),
    register: async () => {
      const sort = { aggregate: 1, tenantId: 1, id: 1 } as const;
      // Times of the server are of each database.
      const projection = { _id: 0, refusal: 0, changedAt: 0 };
      return db.collection("register").find<Entry>({}, { sort, projection }).toArray();
    },
    reset: async () => {
      const names = [...wiring.aggregates.map(({ table }) => table), "register"];
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
