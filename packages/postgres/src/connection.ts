import { silent, type Logger } from "@stellaops/kernel";
import pg from "pg";
import { mapError } from "./errors.ts";

export interface PostgresOptions {
  readonly url: string;
  /** Connections at most; 10 when left out. */
  readonly max?: number;
  /** Milliseconds a statement may take before the server ends it; 30,000 when left out. */
  readonly statementTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds after which any statement of the pool that has no answer counts as `CONNECTION_LOST`, and its connection is destroyed. For
   * pools of which all statements are short; when left out, units alone are bounded, by the statement timeout.
   */
  readonly answerMs?: number;
  readonly applicationName?: string;
  readonly logger?: Logger;
}

/** One pool a database: modules that share the database share it. */
export interface Postgres {
  /** As given; it may hold a password. */
  readonly url: string;
  readonly pool: pg.Pool;
  /** Reaches the server, or throws what is wrong with it. */
  ping(): Promise<{ readonly version: string }>;
  close(): Promise<void>;
}

export function openPostgres(options: PostgresOptions): Postgres {
  const { url, max = 10, statementTimeoutMs = 30_000, connectTimeoutMs = 10_000, logger = silent } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: options.applicationName ?? "stella-data",
    statement_timeout: statementTimeoutMs,
    ...(options.answerMs === undefined ? {} : { query_timeout: options.answerMs }),
    // A connection forgotten on the way (a NAT, a host without power) is silent, not closed: the system has to ask.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // Instants are read as text in UTC; the rest of the session is left as the server has it.
    options: "-c timezone=UTC",
  });
  // A connection that the server ends must not end the process, be it idle or in use: whoever uses it is told by its statement.
  pool.on("error", (error) => logger.warn({ err: error }, "an idle PostgreSQL connection was lost"));
  pool.on("connect", (client) => {
    client.on("error", (error) => logger.debug({ err: error }, "a PostgreSQL connection was lost"));
  });
  return {
    url,
    pool,
    async ping() {
      try {
        const { rows } = await pool.query<{ readonly server_version: string }>("show server_version");
        return { version: rows[0]?.server_version ?? "unknown" };
      } catch (error) {
        throw mapError(error);
      }
    },
    close: () => pool.end(),
  };
}
