import { refused, retryTransient, sizeOf, type Aggregate, type AggregateOf, type TenantId } from "@stellaops/kernel";
import type { Pool, PoolClient } from "pg";
import { from } from "pg-copy-streams";
import { inChunks, type Bulk, type BulkOptions, type Source } from "./chunks.ts";
import { tableCodec } from "./codec.ts";
import { CopyRows, type Copy } from "./copy-text.ts";
import { mapError } from "./errors.ts";
import { singleUnit } from "./unit.ts";
import { upsertOf } from "./upsert.ts";

export type { Bulk, BulkOptions } from "./chunks.ts";

/**
 * Loads new aggregates of one tenant through COPY, at revision 1, in chunks that are each a transaction. For first fills: one that is there
 * already ends the run. The role must bypass row-level security, under which PostgreSQL refuses COPY: `stella_replicator`, or a login like it.
 * @throws `BULK_ROLE`, `BULK_STAGE_RECORDED` (refused), `VALUE_…` (data), `REVISION_CONFLICT`, `UNIQUE_VIOLATION`
 */
export async function bulkLoad<A extends Aggregate>(
  pool: Pool,
  definition: A,
  tenant: TenantId,
  source: Source<A>,
  options: BulkOptions = {},
): Promise<Bulk> {
  const { encode } = tableCodec(definition);
  const rows = new CopyRows(definition, tenant);
  const client = await connected(pool);
  let failed = true;
  try {
    await checkRole(client, definition);
    await checkStage(client, definition);
    const bulk = await inChunks(
      definition,
      source,
      {
        add: (aggregate) => rows.add(encode(aggregate, 1n)),
        take: () => rows.take(),
        store: (copies) => copied(client, copies),
      },
      options,
    );
    failed = false;
    return bulk;
  } finally {
    // After a failure the connection may be inside a COPY: it is ended, and the server rolls the chunk back.
    client.release(failed);
  }
}

/**
 * Writes whole aggregates of one tenant by their id, whether they are there or not: a new one at revision 1, one that is there at its next
 * revision, whatever that was. Runs under the app role and row-level security, in chunks that are each a transaction; of two of one id
 * in a chunk the later stands. Running it again is harmless, and only raises revisions.
 * @throws `BULK_STAGE_RECORDED` (refused), `VALUE_…` (data), `UNIQUE_VIOLATION` (integrity)
 */
export async function bulkUpsert<A extends Aggregate>(
  pool: Pool,
  definition: A,
  tenant: TenantId,
  source: Source<A>,
  options: BulkOptions = {},
): Promise<Bulk> {
  const { encode } = tableCodec(definition);
  const statements = upsertOf(definition);
  const { signal } = options;
  const unit = singleUnit(pool, { tenant, ...(signal === undefined ? {} : { signal }) });
  const client = await connected(pool);
  await checkStage(client, definition).finally(() => client.release());
  let chunk = new Map<string, object>();
  const add = (aggregate: AggregateOf<A>): number => {
    const row = encode(aggregate, 1n);
    chunk.set(String(row["id"]), row);
    return sizeOf(row);
  };
  const take = () => {
    const bound = statements(tenant, [...chunk.values()]);
    chunk = new Map();
    return bound;
  };
  const store = async (bound: ReturnType<typeof take>): Promise<void> => {
    await retryTransient(() => unit.run(bound), signal === undefined ? {} : { signal });
  };
  return inChunks(definition, source, { add, take, store }, options);
}

async function connected(pool: Pool): Promise<PoolClient> {
  return pool.connect().catch((error: unknown) => {
    throw mapError(error);
  });
}

async function copied(client: PoolClient, copies: readonly Copy[]): Promise<void> {
  try {
    await client.query("begin");
    for (const { text, rows } of copies) await copy(client, text, rows);
    await client.query("commit");
  } catch (error) {
    throw mapError(error);
  }
}

/** Sends ready text through COPY, in the transaction that the client is in. */
export const copy = (client: PoolClient, text: string, rows: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const stream = client.query(from(text));
    stream.once("finish", resolve);
    stream.once("error", reject);
    stream.end(rows);
  });

async function checkRole(client: PoolClient, { module, table }: Aggregate): Promise<void> {
  const { rows } = await client
    .query<{ readonly held: boolean }>("select row_security_active($1::regclass) as held", [`"${module}"."${table}"`])
    .catch((error: unknown) => {
      throw mapError(error);
    });
  if (rows[0]?.held !== true) return;
  throw refused(
    "BULK_ROLE",
    "PostgreSQL refuses COPY under row-level security; load as stella_replicator or a login like it, or use bulkUpsert",
  );
}

/** What is loaded here is not entered in the register, so that a replicating stage would never carry it over. */
async function checkStage(client: PoolClient, { module }: Aggregate): Promise<void> {
  const there = await client.query<{ readonly there: boolean }>(
    "select to_regclass('cutover.stages') is not null as there",
  );
  if (there.rows[0]?.there !== true) return;
  const { rowCount } = await client.query("select from cutover.stages where module = $1", [module]);
  if ((rowCount ?? 0) === 0) return;
  throw refused(
    "BULK_STAGE_RECORDED",
    `module ${module} has a stage record; bulk writes bypass its register: write through the module's repositories instead`,
  );
}
