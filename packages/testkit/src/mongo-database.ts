import { MongoClient } from "mongodb";
import { vi } from "vitest";
import { freshName, mongoUrl } from "./servers.ts";
import { mongoDatabaseUrl } from "./urls.ts";

/** A database of one test file. */
export interface MongoDatabase {
  /** Names this database as the default one, and as `appName`, by which leaks are attributed to it. */
  readonly url: string;
  readonly name: string;
  /** Fails when a client made from `url` holds a connection, a cursor or a transaction after `within` ms (5,000). */
  expectNoLeaks(within?: number): Promise<void>;
  drop(): Promise<void>;
}

/** Names a database on the run's server; MongoDB makes it with the first write. */
export const mongoDatabase = async (): Promise<MongoDatabase> => {
  const serverUrl = mongoUrl();
  const name = freshName();
  return {
    url: mongoDatabaseUrl(serverUrl, name),
    name,
    expectNoLeaks: (within = 5_000) => withMongo(serverUrl, (client) => expectNoOperations(client, name, within)),
    drop: () => withMongo(serverUrl, async (client) => void (await client.db(name).dropDatabase())),
  };
};

/** One client for one piece of work, closed whatever happens. */
export const withMongo = async <T>(url: string, work: (client: MongoClient) => Promise<T>): Promise<T> => {
  const client = await new MongoClient(url).connect();
  try {
    return await work(client);
  } finally {
    await client.close();
  }
};

const expectNoOperations = (client: MongoClient, name: string, timeout: number): Promise<void> =>
  vi.waitFor(
    async () => {
      const open = await client
        .db("admin")
        .aggregate([
          { $currentOp: { allUsers: true, idleConnections: true, idleCursors: true, idleSessions: true } },
          { $match: { appName: name } },
          { $project: { _id: 0, type: 1, ns: 1, desc: 1, command: 1, transaction: 1 } },
        ])
        .toArray();
      if (open.length > 0) throw new Error(`${open.length} things are still open: ${JSON.stringify(open, null, 2)}`);
    },
    { timeout, interval: 20 },
  );
