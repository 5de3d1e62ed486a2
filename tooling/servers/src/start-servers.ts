import { startMongo } from "./mongo.ts";
import type { MongoServer } from "./mongo.ts";
import { startPostgres } from "./postgres.ts";
import type { PostgresOptions, PostgresServer } from "./postgres.ts";
import { reasonOf, ServerError } from "./server-error.ts";
import { describeServer } from "./server.ts";

export interface Servers {
  readonly postgres: PostgresServer;
  readonly mongo: MongoServer;
  stop(): Promise<void>;
}

/**
 * Both servers at once; prints one line each with version and source.
 * @throws {ServerError} that names every server that is missing; the other one is stopped again.
 */
export const startServers = async (
  options: PostgresOptions = {},
  print: (line: string) => void = (line) => console.log(line),
): Promise<Servers> => {
  const [postgres, mongo] = await Promise.allSettled([startPostgres(options), startMongo(options)]);
  const stop = async (): Promise<void> => {
    for (const server of [postgres, mongo]) if (server.status === "fulfilled") await server.value.stop();
  };
  if (postgres.status === "fulfilled" && mongo.status === "fulfilled") {
    print(describeServer("PostgreSQL", postgres.value));
    print(describeServer("MongoDB", mongo.value));
    return { postgres: postgres.value, mongo: mongo.value, stop };
  }
  await stop();
  const reasons = [postgres, mongo].flatMap((server) => (server.status === "rejected" ? [server.reason] : []));
  if (reasons.length === 1) throw reasons[0];
  throw new ServerError("SERVER_MISSING", reasons.map(reasonOf).join("\n"), new AggregateError(reasons));
};
