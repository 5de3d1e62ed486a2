import type { Aggregate } from "./aggregate.ts";

/** What the shared machinery (migrator, cutover, comparison, tests) walks. */
export interface ModuleDefinition {
  readonly name: string;
  /** PostgreSQL schema; also the default name of the MongoDB database. */
  readonly schema: string;
  /** Folder of the PostgreSQL migrations, as a file path. */
  readonly migrations: string;
  readonly aggregates: readonly Aggregate[];
}
