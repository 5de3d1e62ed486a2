import {
  normalise,
  refused,
  retryTransient,
  sizeOf,
  type Aggregate,
  type AggregateOf,
  type TenantId,
} from "@stellaops/kernel";
import type { AnyBulkWriteOperation } from "mongodb";
import { documentCodec, type StoredDocument } from "./codec.ts";
import type { Mongo } from "./connection.ts";
import { mapError } from "./errors.ts";
import { transaction, type Unit } from "./unit.ts";

export interface BulkOptions {
  /** Aggregates a chunk, each chunk one transaction; 1,000. */
  readonly chunk?: number;
  /** Ends the run with the signal's reason; chunks already stored stay. */
  readonly signal?: AbortSignal;
  /** After each chunk. */
  readonly onProgress?: (progress: Bulk) => void;
}
export interface Bulk {
  /** Aggregates stored so far. */
  readonly rows: number;
}
type Source<A extends Aggregate> = AsyncIterable<AggregateOf<A>> | Iterable<AggregateOf<A>>;

/**
 * Loads new aggregates of one tenant, at revision 1, in chunks that are each a transaction. For first fills: one that is there already
 * ends the run.
 * @throws `BULK_STAGE_RECORDED` (refused), `VALUE_…` (data), `REVISION_CONFLICT`, `UNIQUE_VIOLATION`
 */
export async function bulkLoad<A extends Aggregate>(
  mongo: Mongo,
  definition: A,
  tenant: TenantId,
  source: Source<A>,
  options: BulkOptions = {},
): Promise<Bulk> {
  await checkStage(mongo, definition);
  const { encode } = documentCodec(definition);
  return inChunks(definition, source, options, (chunk) =>
    inTransaction(mongo, tenant, async ({ db, session }) => {
      const documents = chunk.map((aggregate) => keyed(encode(aggregate, tenant, 1n)));
      await db
        .collection<StoredDocument>(definition.table)
        .insertMany(documents, { ordered: true, ...(session && { session }) });
    }),
  );
}

/**
 * Writes whole aggregates of one tenant by their id, whether they are there or not: a new one at revision 1, one that is there at its next
 * revision, whatever that was. In chunks that are each a transaction; of two of one id in a chunk the later stands. Running it again is
 * harmless, and only raises revisions.
 * @throws `BULK_STAGE_RECORDED` (refused), `VALUE_…` (data), `UNIQUE_VIOLATION` (integrity)
 */
export async function bulkUpsert<A extends Aggregate>(
  mongo: Mongo,
  definition: A,
  tenant: TenantId,
  source: Source<A>,
  options: BulkOptions = {},
): Promise<Bulk> {
  await checkStage(mongo, definition);
  const { encode } = documentCodec(definition);
  const { signal } = options;
  return inChunks(definition, source, options, (chunk) => {
    const latest = new Map(chunk.map((aggregate) => encode(aggregate, tenant, 1n)).map((made) => [made.id, made]));
    const store = () =>
      inTransaction(mongo, tenant, async ({ db, session }) => {
        const collection = db.collection<StoredDocument>(definition.table);
        const within = session === undefined ? {} : { session };
        const there = await collection
          .find(
            { tenantId: tenant, id: { $in: [...latest.keys()] } },
            { projection: { id: 1, revision: 1 }, ...within },
          )
          .toArray();
        const revisions = new Map(there.map(({ id, revision }) => [id, revision]));
        const operations = [...latest.values()].map((made): AnyBulkWriteOperation<StoredDocument> => {
          const revision = revisions.get(made.id);
          if (revision === undefined) return { insertOne: { document: keyed(made) } };
          const replacement = { ...made, revision: revision + 1n };
          return { replaceOne: { filter: { tenantId: tenant, id: made.id, revision }, replacement } };
        });
        await collection.bulkWrite(operations, { ordered: true, ...within });
      });
    return retryTransient(store, signal === undefined ? {} : { signal });
  });
}

const keyed = (document: StoredDocument): StoredDocument => ({
  _id: `${document.tenantId}/${document.id}`,
  ...document,
});

/** A chunk is also closed by its size, so that a few large aggregates do not add up: one transaction, and one command's limit. */
const maxBytes = 8 * 1024 * 1024;

async function inChunks<A extends Aggregate>(
  definition: A,
  source: Source<A>,
  { chunk: size = 1_000, signal, onProgress }: BulkOptions,
  store: (chunk: readonly AggregateOf<A>[]) => Promise<void>,
): Promise<Bulk> {
  let chunk: AggregateOf<A>[] = [];
  let bytes = 0;
  let rows = 0;
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    await store(chunk);
    rows += chunk.length;
    [chunk, bytes] = [[], 0];
    onProgress?.({ rows });
  };
  for await (const aggregate of source) {
    const clean = normalise(definition, aggregate);
    chunk.push(clean);
    bytes += sizeOf(clean);
    if (chunk.length >= size || bytes >= maxBytes) await flush();
  }
  if (chunk.length > 0) await flush();
  return { rows };
}

const inTransaction = (mongo: Mongo, tenant: TenantId, work: (unit: Unit) => Promise<void>): Promise<void> =>
  transaction(mongo, { tenant }, (unit) =>
    work(unit).catch((error: unknown) => {
      throw mapError(error);
    }),
  );

/** What is written here is not entered in the register, so that a replicating stage would never carry it over. */
async function checkStage({ db }: Mongo, { module }: Aggregate): Promise<void> {
  const recorded = await db.collection("stage").findOne({}, { projection: { _id: 1 } });
  if (recorded === null) return;
  throw refused(
    "BULK_STAGE_RECORDED",
    `module ${module} has a stage record; bulk writes bypass its register: write through the module's repositories instead`,
  );
}
