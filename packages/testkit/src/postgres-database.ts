import { vi } from "vitest";
import { freshName, postgresUrl, templateName } from "./servers.ts";
import { databaseUrl } from "./urls.ts";
import { exclusively, withPostgres } from "./with-postgres.ts";

export interface PostgresDatabaseOptions {
  /**
   * A key (`[a-z0-9_]`, at most 40) under which `prepare` runs once per test run, in a database that is then cloned. Two
   * files with the same key must give the same `prepare`. Without it `prepare` runs in this database.
   */
  readonly template?: string;
  /** Gets a superuser's URL. Must close its connections before it returns. */
  readonly prepare?: (url: string) => Promise<void>;
}

/** A database of one test file. */
export interface PostgresDatabase {
  /** A superuser's URL of this database; `roleUrl` makes another role's of it. */
  readonly url: string;
  readonly name: string;
  /** A superuser's URL of the maintenance database, for what concerns the cluster. */
  admin(): string;
  /** Fails when a client is still connected after `within` ms (5,000), naming what it last ran. */
  expectNoLeaks(within?: number): Promise<void>;
  /** Drops it under whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes a database on the run's server; call it in `beforeAll`, and `drop` in `afterAll`. */
export const postgresDatabase = async (options: PostgresDatabaseOptions = {}): Promise<PostgresDatabase> => {
  const maintenanceUrl = postgresUrl();
  const name = freshName();
  const url = databaseUrl(maintenanceUrl, name);
  if (options.template === undefined) {
    await withPostgres(maintenanceUrl, (client) => client.query(`create database "${name}"`));
    await options.prepare?.(url);
  } else {
    const template = await preparedTemplate(maintenanceUrl, options.template, options.prepare);
    await withPostgres(maintenanceUrl, (client) => client.query(`create database "${name}" template "${template}"`));
  }
  return {
    url,
    name,
    admin: () => maintenanceUrl,
    expectNoLeaks: (within = 5_000) => expectNoSessions(maintenanceUrl, name, within),
    drop: () =>
      withPostgres(maintenanceUrl, async (client) => {
        await client.query(`drop database if exists "${name}" with (force)`);
      }),
  };
};

/** Prepared under another name and renamed when done, so that a file that finds the name finds it whole. */
const preparedTemplate = (
  maintenanceUrl: string,
  key: string,
  prepare: PostgresDatabaseOptions["prepare"],
): Promise<string> =>
  exclusively(maintenanceUrl, async (client) => {
    const template = templateName(key);
    const existing = await client.query("select from pg_database where datname = $1", [template]);
    if (existing.rowCount === 1) return template;
    const unfinished = `${template}_unfinished`;
    await client.query(`drop database if exists "${unfinished}" with (force)`);
    await client.query(`create database "${unfinished}"`);
    await prepare?.(databaseUrl(maintenanceUrl, unfinished));
    await client.query(`alter database "${unfinished}" rename to "${template}"`);
    return template;
  });

/** Polls, because a backend leaves `pg_stat_activity` a moment after its client has closed. */
const expectNoSessions = (maintenanceUrl: string, name: string, timeout: number): Promise<void> =>
  withPostgres(maintenanceUrl, (client) =>
    vi.waitFor(
      async () => {
        const { rows } = await client.query(
          "select usename, application_name, state, query from pg_stat_activity where datname = $1",
          [name],
        );
        if (rows.length > 0)
          throw new Error(`${rows.length} sessions are still open: ${JSON.stringify(rows, null, 2)}`);
      },
      { timeout, interval: 20 },
    ),
  );
