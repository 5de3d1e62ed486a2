import type { Logger } from "@stellaops/kernel";
import type { MigrationModule } from "@stellaops/migrator";
import { startHost, type StartedHost } from "@stellaops/migrator/start";
import { raised, type Postgres } from "@stellaops/postgres";

/** Data migrations that go on behind a service. */
export interface Migrations {
  stop(): Promise<void>;
}

export const nothing: Migrations = { stop: () => Promise.resolve() };

/**
 * Before a service serves: startup and seed files are applied, a pending release file is refused by name, data migrations go on behind it.
 * One round trip a module where there is nothing to do.
 */
export async function startMigrations(
  modules: readonly MigrationModule[],
  { url, pool }: Postgres,
  log: Logger,
): Promise<Migrations> {
  const started: StartedHost[] = [];
  const stop = async (): Promise<void> => {
    for (const { data } of started) await data.stop();
  };
  const client = await pool.connect().catch(raised);
  try {
    for (const module of modules) started.push(await startHost({ module, url, client, log }));
  } catch (error) {
    await stop();
    throw error;
  } finally {
    client.release();
  }
  return { stop };
}
