import { refused } from "@stellaops/kernel";
import { verifyMongo } from "@stellaops/migrator/mongo";
import type { Mongo } from "@stellaops/mongo";
import { classesOf } from "../module/backend.ts";
import type { Fixed, OpenOptions } from "../module/open.ts";
import { recorded, untilRecorded } from "../module/recorded.ts";
import type { ModuleWiring } from "../module/wiring.ts";
import { collectionsOf } from "./collections.ts";
import { mongoBackend } from "./backend.ts";

/** One database for good: refused where the module has a stage record, which other processes follow. */
export async function fixedMongo<R>(
  wiring: ModuleWiring<R>,
  mongo: Mongo,
  { checks = true }: OpenOptions,
): Promise<Fixed> {
  if (checks) {
    await checkMongo(wiring, mongo);
    if (await hasRecord(mongo)) throw recorded(wiring.name);
  }
  const classes = classesOf(await wiring.mongo());
  const backend = mongoBackend(mongo, wiring.name, classes);
  const watched = untilRecorded(backend, wiring.name, () => hasRecord(mongo));
  return { backend: watched.backend, close: async () => watched.close() };
}

const hasRecord = async ({ db }: Mongo): Promise<boolean> =>
  (await db.collection("stage").findOne({}, { projection: { _id: 1 } })) !== null;

/** @throws `MONGO_STANDALONE`, `MONGO_SCHEMA_DIFFERS` (refused) */
export async function checkMongo<R>(wiring: ModuleWiring<R>, mongo: Mongo): Promise<void> {
  const { replicaSet } = await mongo.ping();
  if (replicaSet === null)
    throw refused(
      "MONGO_STANDALONE",
      "this MongoDB is a standalone server, which has no transactions; make it a replica set (one of a single member will do) and start again",
    );
  await verifyMongo(mongo.db, collectionsOf(wiring));
}
