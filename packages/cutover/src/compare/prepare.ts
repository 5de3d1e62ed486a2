import { aggregatesNamed, refused, type Aggregate, type Clock, type ModuleDefinition } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { Pool } from "pg";
import { otherDatabase, type Database } from "../stages.ts";
import type { StageView } from "../view.ts";
import type { AggregateOptions, CompareProgress } from "./aggregate.ts";
import type { Finding } from "./comparison.ts";
import { derivedCheck } from "./derived.ts";
import { layoutOf } from "./layout.ts";
import { mongoRows, requireKeyIndex } from "./mongo/rows.ts";
import { columnFaults, type ColumnFault } from "./postgres/catalogue.ts";
import { postgresRows } from "./postgres/rows.ts";
import type { CompareSides } from "./record.ts";
import { registeredIn } from "./registered-in.ts";

export interface CompareOptions {
  readonly module: ModuleDefinition;
  /** Its role sees the rows of all tenants (BYPASSRLS): `stella_replicator` or a login like it. Two connections are used by each worker. */
  readonly postgres: Pool;
  readonly mongo: Db;
  readonly view: Pick<StageView, "primary" | "epoch" | "generation">;
  readonly signal?: AbortSignal;
  /** Called after each range. */
  readonly onProgress?: (progress: CompareProgress) => void;
  /** Rows of a range at most, fewer where they weigh more than 4 MiB; 1,000 when left out. Two ranges of each worker are in memory. */
  readonly pageSize?: number;
  /** Workers that share the key ranges of an aggregate, each with a connection or two; 1 when left out. */
  readonly workers?: number;
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
  /** Gets between the comparison and the databases, to see it fail: for proofs. */
  readonly sides?: (sides: CompareSides, definition: Aggregate) => CompareSides;
}

/**
 * What it takes to look at each aggregate; nothing is read of their content yet.
 * @throws `COMPARE_ROLE`, `COMPARE_INDEX_MISSING`, `COMPARE_COLUMN_MISSING` (refused), `AGGREGATE_UNKNOWN` (data)
 */
export async function prepare(options: CompareOptions): Promise<readonly AggregateOptions[]> {
  const { module, postgres, mongo, view, only } = options;
  const chosen = aggregatesNamed(module, only);
  await requireBypass(postgres);
  for (const { table } of chosen) await requireKeyIndex(mongo, table);
  const registered = await registeredIn(postgres, mongo, module.name, view.generation);
  const prepared: AggregateOptions[] = [];
  for (const definition of chosen) prepared.push(await prepareOne(options, definition, registered));
  return prepared;
}

async function prepareOne(
  options: CompareOptions,
  definition: Aggregate,
  registered: Database | null,
): Promise<AggregateOptions> {
  const { primary } = options.view;
  const layout = layoutOf(definition);
  const raw = { mongo: mongoRows(options.mongo, layout), postgres: postgresRows(options.postgres, layout) };
  const both = options.sides?.(raw, definition) ?? raw;
  const faults = await columnFaults(options.postgres, layout);
  return {
    layout,
    primary,
    derived: derivedCheck(layout),
    both,
    sides: { primary: both[primary], secondary: both[otherDatabase(primary)] },
    tables: faults.map((fault) => tableFinding(definition, fault)),
    registered,
    rangeRows: options.pageSize ?? 1_000,
    workers: Math.max(1, options.workers ?? 1),
    findingsLimit: options.findingsLimit ?? 1_000,
    settleMs: options.settleMs ?? 3_000,
    tenant: options.tenant ?? null,
    onProgress: options.onProgress ?? (() => {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
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
