import type { Aggregate } from "./aggregate.ts";
import { dataError } from "./errors.ts";

/** What the shared machinery (migrator, cutover, comparison, tests) walks. */
export interface ModuleDefinition {
  readonly name: string;
  /** PostgreSQL schema; also the default name of the MongoDB database. */
  readonly schema: string;
  /** Folder of the PostgreSQL migrations, as a file path. */
  readonly migrations: string;
  readonly aggregates: readonly Aggregate[];
}

/** The aggregates of these tables; all of the module's when none is named. @throws `AGGREGATE_UNKNOWN` (data) */
export function aggregatesNamed(
  { name, aggregates }: ModuleDefinition,
  tables?: readonly string[],
): readonly Aggregate[] {
  const known = aggregates.map(({ table }) => table);
  const unknown = tables?.find((table) => !known.includes(table));
  if (unknown !== undefined)
    throw dataError("AGGREGATE_UNKNOWN", `${name} has no aggregate ${unknown}; it has ${known.join(", ")}`);
  return tables === undefined ? aggregates : aggregates.filter(({ table }) => tables.includes(table));
}
