import { silent, type Logger } from "@stellaops/kernel";
import { MongoClient, type Db } from "mongodb";
import { mapError } from "./errors.ts";

export interface MongoOptions {
  readonly url: string;
  /** The module's database; the url's when left out. */
  readonly database?: string;
  /** Connections at most; 10 when left out. */
  readonly max?: number;
  readonly connectTimeoutMs?: number;
  readonly applicationName?: string;
  readonly logger?: Logger;
}

/** One client a server, one database a module. */
export interface Mongo {
  readonly client: MongoClient;
  readonly db: Db;
  /** Reaches the server, or throws what is wrong with it. */
  ping(): Promise<{ readonly version: string; readonly replicaSet: string | null }>;
  close(): Promise<void>;
}

export function openMongo(options: MongoOptions): Mongo {
  const { url, database = databaseOf(options.url), max = 10, connectTimeoutMs = 10_000, logger = silent } = options;
  const client = new MongoClient(url, {
    maxPoolSize: max,
    serverSelectionTimeoutMS: connectTimeoutMs,
    connectTimeoutMS: connectTimeoutMs,
    appName: appNameOf(database, options.applicationName),
    // Acknowledged means that a majority has it in its journal; what is read is acknowledged.
    writeConcern: { w: "majority", journal: true },
    readConcern: { level: "majority" },
    readPreference: "primary",
    useBigInt64: true,
    // The driver's own default is `{}`, in which bson 7 finds `constructor` and its like: an array under such a key came back as Buffers.
    fieldsAsRaw: Object.create(null) as Record<string, boolean>,
    ignoreUndefined: false,
  });
  client.on("error", (error) => logger.warn({ err: error }, "a MongoDB connection was lost"));
  const db = client.db(database);
  return {
    client,
    db,
    async ping() {
      try {
        const [{ version }, { setName }] = await Promise.all([
          db.admin().command({ buildInfo: 1 }),
          db.admin().command({ hello: 1 }),
        ]);
        return { version: String(version), replicaSet: typeof setName === "string" ? setName : null };
      } catch (error) {
        throw mapError(error);
      }
    },
    close: () => client.close(),
  };
}

/** By its clients' names a server tells which transactions are a module's; MongoDB takes 128 bytes. */
const appNameOf = (database: string, name: string | undefined): string =>
  Buffer.from(`stella-data:${database}${name === undefined ? "" : ` ${name}`}`).toString("utf8", 0, 128);

/** True for the name of a client that `openMongo` has opened for this database. */
export const isOwnClient = (database: string, appName: unknown): boolean =>
  typeof appName === "string" && `${appName} `.startsWith(`stella-data:${database} `);

/** `test` is the server's own default. */
const databaseOf = (url: string): string => decodeURIComponent(/^[^:]+:\/\/[^/]+\/([^?]*)/.exec(url)?.[1] || "test");
