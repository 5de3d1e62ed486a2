import { withMongo } from "./mongo-database.ts";
import { withPostgres } from "./with-postgres.ts";

/** Drops what a run's files and templates left on a PostgreSQL that outlives the run. */
export const dropPostgresLeftovers = (url: string, prefix: string): Promise<void> =>
  withPostgres(url, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where starts_with(datname, $1)",
      [prefix],
    );
    for (const { name } of rows) await client.query(`drop database if exists "${name}" with (force)`);
  });

/** The same on MongoDB. */
export const dropMongoLeftovers = (url: string, prefix: string): Promise<void> =>
  withMongo(url, async (client) => {
    const { databases } = await client.db("admin").admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(prefix)) await client.db(name).dropDatabase();
  });
