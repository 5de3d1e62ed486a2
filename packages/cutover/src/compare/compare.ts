import { dataError, refused, systemClock, type Aggregate, type Clock, type ModuleDefinition } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { Pool } from "pg";
import type { StageView } from "../view.ts";
import { compareAggregate, type CompareProgress } from "./aggregate.ts";
import { cannotSee } from "./cannot-see.ts";
import type { AggregateComparison, Comparison, Finding } from "./comparison.ts";
import { derivedCheck } from "./derived.ts";
import { layoutOf } from "./layout.ts";
import { mongoRows, requireKeyIndex } from "./mongo/rows.ts";
import { columnFaults, type ColumnFault } from "./postgres/catalogue.ts";
import { postgresRows } from "./postgres/rows.ts";

export interface CompareOptions {
  readonly module: ModuleDefinition;
  /** Its role sees the rows of all tenants (BYPASSRLS): `stella_replicator` or a login like it. Two connections are used. */
  readonly postgres: Pool;
  readonly mongo: Db;
  readonly view: Pick<StageView, "primary" | "epoch" | "generation">;
  readonly signal?: AbortSignal;
  /** Called after each page. */
  readonly onProgress?: (progress: CompareProgress) => void;
  /** Rows of a page at most; two pages of each database are in memory. 500 when left out. */
  readonly pageSize?: number;
  /** Findings of an aggregate that are kept; the rest is counted. 1,000 when left out. */
  readonly findingsLimit?: number;
  /** How long a key that changes while it is looked at is looked at again; milliseconds, 3,000. */
  readonly settleMs?: number;
  /** Tables of the aggregates to compare; all when left out. */
  readonly only?: readonly string[];
  /** Only this tenant's rows. */
  readonly tenant?: string;
  readonly toolVersion?: string;
  readonly clock?: Clock;
}

/**
 * Compares one module between the two databases, in full and both ways, on raw rows and raw BSON. May run under writes: what differs is
 * looked at again on the primary, the secondary and the primary, and what is on its way is told apart from what is wrong. Writes nothing.
 * @throws `COMPARE_ROLE`, `COMPARE_INDEX_MISSING`, `COMPARE_COLUMN_MISSING` (refused), `COMPARE_AGGREGATE_UNKNOWN` (data)
 */
export async function compareModule(options: CompareOptions): Promise<Comparison> {
  const { module, postgres, mongo, view, only, clock = systemClock } = options;
  const startedAt = clock.now().toISOString();
  const chosen = choose(module, only);
  await requireBypass(postgres);
  for (const { table } of chosen) await requireKeyIndex(mongo, table);
  const aggregates: AggregateComparison[] = [];
  for (const definition of chosen) aggregates.push(await compareOne(options, definition));
  return {
    module: module.name,
    primary: view.primary,
    epoch: String(view.epoch),
    generation: String(view.generation),
    startedAt,
    finishedAt: clock.now().toISOString(),
    toolVersion: options.toolVersion ?? null,
    tenant: options.tenant ?? null,
    equal: aggregates.every(({ equal }) => equal),
    aggregates,
    cannotSee,
  };
}

async function compareOne(options: CompareOptions, definition: Aggregate): Promise<AggregateComparison> {
  const { primary } = options.view;
  const layout = layoutOf(definition);
  const both = { mongo: mongoRows(options.mongo, layout), postgres: postgresRows(options.postgres, layout) };
  const faults = await columnFaults(options.postgres, layout);
  return compareAggregate({
    layout,
    primary,
    derived: derivedCheck(layout),
    both,
    sides: { primary: both[primary], secondary: both[primary === "mongo" ? "postgres" : "mongo"] },
    tables: faults.map((fault) => tableFinding(definition, fault)),
    pageSize: options.pageSize ?? 500,
    findingsLimit: options.findingsLimit ?? 1_000,
    settleMs: options.settleMs ?? 3_000,
    tenant: options.tenant ?? null,
    onProgress: options.onProgress ?? (() => {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

function choose({ name, aggregates }: ModuleDefinition, only?: readonly string[]): readonly Aggregate[] {
  const unknown = only?.find((table) => !aggregates.some((aggregate) => aggregate.table === table));
  if (unknown !== undefined)
    throw dataError(
      "COMPARE_AGGREGATE_UNKNOWN",
      `${name} has no aggregate ${unknown}; it has ${aggregates.map(({ table }) => table).join(", ")}`,
    );
  return only === undefined ? aggregates : aggregates.filter(({ table }) => only.includes(table));
}

/** Under row-level security the rows of other tenants would be taken for missing. */
async function requireBypass(postgres: Pool): Promise<void> {
  const { rows } = await postgres.query<{ role: string; bypasses: boolean }>(
    "select current_user as role, rolbypassrls or rolsuper as bypasses from pg_roles where rolname = current_user",
  );
  if (rows[0]?.bypasses === true) return;
  throw refused(
    "COMPARE_ROLE",
    `role ${rows[0]?.role} is held to one tenant by row-level security; compare as stella_replicator, which bypasses it`,
  );
}

const tableFinding = ({ table: aggregate }: Aggregate, fault: ColumnFault): Finding => ({
  aggregate,
  tenant: null,
  id: null,
  class: fault.class,
  paths: [{ path: `${fault.table}.${fault.column}`, mongo: fault.expected, postgres: fault.type }],
  revisions: { mongo: null, postgres: null },
  generations: { mongo: null, postgres: null },
});
