import { retryTransient, type Aggregate } from "@stellaops/kernel";
import {
  mapError,
  registerCollection,
  registerKey,
  type Mongo,
  type RegisterEntry,
  type StoredDocument,
} from "@stellaops/mongo";
import { repeatable } from "./repeatable.ts";

const batchSize = 500;

interface Sweep {
  readonly generation: bigint;
  readonly signal: AbortSignal | undefined;
}

/** Documents whose register entry is of an older generation, or not there, and then those entries. */
export async function sweep(
  { client, db }: Pick<Mongo, "client" | "db">,
  { table }: Aggregate,
  { generation, signal }: Sweep,
): Promise<number> {
  const register = db.collection<RegisterEntry>(registerCollection);
  const documents = db.collection<StoredDocument>(table);
  const keyOf = ({ tenantId, id }: StoredDocument): string => registerKey(table, tenantId, id);

  /** An apply of the same key collides with it, and one of the two is run again. */
  const sweepBatch = (batch: readonly StoredDocument[]): Promise<number> =>
    repeatable(client, async (session) => {
      const touched = await register
        .find({ _id: { $in: batch.map(keyOf) }, generation: { $gte: generation } }, { session, projection: { _id: 1 } })
        .toArray();
      const kept = new Set(touched.map(({ _id }) => _id));
      const gone = batch.filter((document) => !kept.has(keyOf(document)));
      if (gone.length === 0) return 0;
      const operations = gone.map(({ tenantId, id }) => ({ deleteOne: { filter: { tenantId, id } } }));
      return (await documents.bulkWrite(operations, { session })).deletedCount;
    });

  let swept = 0;
  let batch: StoredDocument[] = [];
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    if (batch.length > 0) swept += await retryTransient(() => sweepBatch(batch));
    batch = [];
  };
  try {
    for await (const document of documents.find({}, { projection: { tenantId: 1, id: 1 }, batchSize })) {
      batch.push(document);
      if (batch.length === batchSize) await flush();
    }
    await flush();
    signal?.throwIfAborted();
    await register.deleteMany({ aggregate: table, generation: { $lt: generation } });
  } catch (error) {
    signal?.throwIfAborted();
    throw mapError(error);
  }
  return swept;
}
