import pg from "pg";
import { containerPostgres } from "./containers.ts";
import { embeddedPostgres } from "./embedded-postgres.ts";
import { reasonOf, ServerError } from "./server-error.ts";
import type { Environment, Server } from "./server.ts";

export interface PostgresServer extends Server {
  readonly source: "POSTGRES_URL" | "containers" | "embedded";
  /** Stops and starts it, with its data and at its port; absent where it was not started from the npm package. */
  restart?(): Promise<void>;
}

export interface PostgresOptions {
  readonly env?: Environment;
  /** Further settings of a server started here, for example `{ fsync: "off" }`. Durability is on unless one says otherwise. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface StartedPostgres {
  readonly url: string;
  stop(): Promise<void>;
  restart?(): Promise<void>;
}

/**
 * `POSTGRES_URL`, else a container (`STELLA_SERVERS=containers`), else the PostgreSQL of the npm package.
 * @throws {ServerError} when the chosen one cannot be reached or started; it never falls back to another silently.
 */
export const startPostgres = async (options: PostgresOptions = {}): Promise<PostgresServer> => {
  const env = options.env ?? process.env;
  if (env.POSTGRES_URL) {
    const url = env.POSTGRES_URL;
    return { url, source: "POSTGRES_URL", version: await askVersion(url), stop: async () => {} };
  }
  const source = env.STELLA_SERVERS === "containers" ? "containers" : "embedded";
  const started = await (source === "containers"
    ? containerPostgres(env, options.settings ?? {})
    : embeddedPostgres(env, options.settings ?? {}));
  try {
    return { ...started, source, version: await askVersion(started.url) };
  } catch (error) {
    await started.stop();
    throw error;
  }
};

const askVersion = async (url: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>("select current_setting('server_version') as version");
    return rows[0]?.version.split(" ")[0] ?? "unknown";
  } catch (error) {
    throw new ServerError(
      "SERVER_UNREACHABLE",
      `PostgreSQL did not answer: ${reasonOf(error)}. Check POSTGRES_URL, or unset it to start a server here.`,
      error,
    );
  } finally {
    await client.end();
  }
};
