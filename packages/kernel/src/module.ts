import type { Aggregate, AggregateOf } from "./aggregate.ts";
import { dataError } from "./errors.ts";
import { GLOBAL, tenantId, type TenantId } from "./tenant.ts";

/** What the shared machinery (migrator, cutover, comparison, tests) walks. */
export interface ModuleDefinition {
  readonly name: string;
  /** PostgreSQL schema; also the default name of the MongoDB database. */
  readonly schema: string;
  /** Folder of the PostgreSQL migrations, as a file path. */
  readonly migrations: string;
  readonly aggregates: readonly Aggregate[];
  /** What a new database holds from the beginning: on PostgreSQL the files `S…`, which say the same. */
  readonly seeds?: readonly Seed[];
}

/** Rows of one tenant, with ids and times that are fixed, so that both databases hold the same. */
export interface Seed {
  readonly aggregate: Aggregate;
  readonly tenant: TenantId;
  readonly rows: readonly object[];
}

export const seed = <A extends Aggregate>(aggregate: A, tenant: string, rows: readonly AggregateOf<A>[]): Seed => ({
  aggregate,
  tenant: tenant === GLOBAL ? GLOBAL : tenantId(tenant),
  rows,
});

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
