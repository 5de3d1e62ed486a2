/** The variables that choose a server; `process.env` unless a test says otherwise. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A running server. `stop` is idempotent and leaves a server alone that was named by its URL. */
export interface Server {
  /** PostgreSQL: a superuser's URL. MongoDB: a URL that reaches the primary of a replica set. */
  readonly url: string;
  /** As the server itself reports it, for example "18.4" or "6.0.5". */
  readonly version: string;
  readonly source: string;
  stop(): Promise<void>;
}

export const describeServer = (product: string, server: Server): string =>
  `${product} ${server.version} (${server.source})`;
