import { MongoMemoryReplSet } from "mongodb-memory-server-core";
import type { StartedMongo } from "./mongo.ts";
import { mongodVersion } from "./mongod-version.ts";
import { reasonOf, ServerError } from "./server-error.ts";

/** Starts a replica set of one. WiredTiger keeps its journal: acknowledged writes must survive a kill. */
export const localMongo = async (systemBinary: string): Promise<StartedMongo> => {
  const version = await mongodVersion(systemBinary);
  try {
    const set = await MongoMemoryReplSet.create({
      binary: { systemBinary, version },
      replSet: { count: 1, name: "stella", storageEngine: "wiredTiger", args: ["--wiredTigerCacheSizeGB", "0.5"] },
      instanceOpts: [{ launchTimeout: 60_000 }],
    });
    let stopped: Promise<unknown> | undefined;
    return {
      url: set.getUri(),
      stop: async () => void (await (stopped ??= set.stop({ doCleanup: true, force: true }))),
    };
  } catch (error) {
    throw new ServerError(
      "SERVER_START_FAILED",
      `${systemBinary} (${version}) did not start: ${reasonOf(error)}. Set MONGODB_URL to use a replica set of your own.`,
      error,
    );
  }
};
