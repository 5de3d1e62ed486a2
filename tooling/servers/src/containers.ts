import { reasonOf, ServerError } from "./server-error.ts";
import type { StartedMongo } from "./mongo.ts";
import type { StartedPostgres } from "./postgres.ts";
import type { Environment } from "./server.ts";

/** PostgreSQL in a container; `POSTGRES_IMAGE` names the image. */
export const containerPostgres = async (
  env: Environment,
  settings: Readonly<Record<string, string>>,
): Promise<StartedPostgres> => {
  const image = env.POSTGRES_IMAGE ?? "postgres:18";
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const flags = Object.entries({ max_connections: "300", timezone: "UTC", ...settings });
  const container = await inContainer(image, () =>
    new PostgreSqlContainer(image)
      .withUsername("postgres")
      .withDatabase("postgres")
      .withCommand(["postgres", ...flags.flatMap(([name, value]) => ["-c", `${name}=${value}`])])
      .start(),
  );
  return { url: container.getConnectionUri(), stop: async () => void (await container.stop()) };
};

/** MongoDB in a container, a replica set of one; `MONGO_IMAGE` names the image. */
export const containerMongo = async (env: Environment): Promise<StartedMongo> => {
  const image = env.MONGO_IMAGE ?? "mongo:8";
  const { MongoDBContainer } = await import("@testcontainers/mongodb");
  const container = await inContainer(image, () => new MongoDBContainer(image).start());
  // The member knows itself by a name inside the container's network, so the driver must not follow it.
  return {
    url: `${container.getConnectionString()}/?directConnection=true`,
    stop: async () => void (await container.stop()),
  };
};

const inContainer = async <T>(image: string, start: () => Promise<T>): Promise<T> => {
  try {
    return await start();
  } catch (error) {
    throw new ServerError(
      "SERVER_START_FAILED",
      `The container ${image} did not start: ${reasonOf(error)}. ` +
        "Start a container engine, or unset STELLA_SERVERS to run the servers without one.",
      error,
    );
  }
};
