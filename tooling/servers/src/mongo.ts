import { MongoClient } from "mongodb";
import { containerMongo } from "./containers.ts";
import { localMongo } from "./local-mongo.ts";
import { findMongod } from "./mongod.ts";
import { reasonOf, ServerError } from "./server-error.ts";
import type { Environment, Server } from "./server.ts";

export interface MongoServer extends Server {
  readonly source: "MONGODB_URL" | "containers" | `mongod: ${string}`;
}

export interface MongoOptions {
  readonly env?: Environment;
}

export interface StartedMongo {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * `MONGODB_URL`, else a container (`STELLA_SERVERS=containers`), else a `mongod` of this machine or one that is fetched.
 * Always a replica set, because transactions need one.
 * @throws {ServerError} when none can be reached or started, or the server named by `MONGODB_URL` is no replica set.
 */
export const startMongo = async (options: MongoOptions = {}): Promise<MongoServer> => {
  const env = options.env ?? process.env;
  if (env.MONGODB_URL) {
    const url = env.MONGODB_URL;
    return { url, source: "MONGODB_URL", version: await askVersion(url), stop: async () => {} };
  }
  const [started, source] = await start(env);
  try {
    return { ...started, source, version: await askVersion(started.url) };
  } catch (error) {
    await started.stop();
    throw error;
  }
};

const start = async (env: Environment): Promise<[StartedMongo, MongoServer["source"]]> => {
  if (env.STELLA_SERVERS === "containers") return [await containerMongo(env), "containers"];
  const mongod = await findMongod(env);
  return [await localMongo(mongod.path), `mongod: ${mongod.origin}`];
};

const askVersion = async (url: string): Promise<string> => {
  // The driver's options win over the URL's, so the default is given only where the URL has none.
  const patience = url.includes("serverSelectionTimeoutMS=") ? {} : { serverSelectionTimeoutMS: 10_000 };
  const client = new MongoClient(url, patience);
  try {
    const admin = (await client.connect()).db("admin");
    const hello = await admin.command({ hello: 1 });
    if (typeof hello.setName !== "string") {
      throw new ServerError(
        "SERVER_NOT_REPLICA_SET",
        "MONGODB_URL names a standalone server, which has no transactions. " +
          "Start it with --replSet and run rs.initiate(), or unset MONGODB_URL to start a replica set here.",
      );
    }
    return String((await admin.command({ buildInfo: 1 })).version);
  } catch (error) {
    if (error instanceof ServerError) throw error;
    throw new ServerError(
      "SERVER_UNREACHABLE",
      `MongoDB did not answer: ${reasonOf(error)}. Check MONGODB_URL, or unset it to start a server here.`,
      error,
    );
  } finally {
    await client.close();
  }
};
