import pg from "pg";

/** One connection for one piece of work, closed whatever happens. */
export const withPostgres = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, options: "-c timezone=UTC" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/**
 * Runs work while holding one lock of the whole cluster. Roles belong to the cluster, and concurrent CREATE ROLE, ALTER
 * ROLE and GRANT of the same role fail; so does preparing one template twice. Advisory locks belong to a database:
 * `maintenanceUrl` must name the same one for everybody.
 */
export const exclusively = <T>(maintenanceUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> =>
  withPostgres(maintenanceUrl, async (client) => {
    await client.query("select pg_advisory_lock(hashtextextended('stellaops testkit', 0))");
    return work(client);
  });
