import { isDataLayerError, refused, silent, unavailable, type Logger } from "@stellaops/kernel";
import { MongoNetworkError, MongoServerError, MongoServerSelectionError, type Collection, type Db } from "mongodb";
import { differencesOf, type MongoDifference } from "./differences.ts";
import { checksumOf, type MongoSchema } from "./schema.ts";

export interface ApplyMongoOptions {
  /**
   * Also drop what is different or extra, and build it as declared. By hand only: until the new index is there, what it
   * guarded is not guarded.
   */
  readonly rebuild?: boolean;
  /** Look at what is there also when the ledger says that this set was applied, and build what is missing since. */
  readonly look?: boolean;
  readonly dryRun?: boolean;
  readonly log?: Logger;
}

export interface ApplyMongoResult {
  /** What was done, or with `dryRun` would be. */
  readonly applied: readonly MongoDifference[];
}

interface LedgerDocument {
  readonly _id: string;
  readonly checksum: string;
  readonly appliedAt: Date;
  readonly collections: number;
}

const ledgerOf = (db: Db): Collection<LedgerDocument> => db.collection("schema_migrations");

/**
 * Makes the collections, indexes and validators of a set. With the same set applied before it costs one round trip; any
 * number of processes may call it at once. The ledger says what was applied last, {@link verifyMongo} what is there.
 *
 * @throws `MONGO_SCHEMA_DIFFERS` (refused) for an index that is there in another form or that nobody declared;
 * `MONGO_INDEX_DUPLICATES` (refused) when stored documents break a unique index; `MONGODB_UNREACHABLE` (unavailable)
 */
export function applyMongo(db: Db, schema: MongoSchema, options: ApplyMongoOptions = {}): Promise<ApplyMongoResult> {
  return mapped(async () => {
    const checksum = checksumOf(schema);
    const row = await ledgerOf(db).findOne({ _id: schema.name });
    const asBefore = row?.checksum === checksum;
    if (asBefore && options.rebuild !== true && options.look !== true) return { applied: [] };
    const differences = await differencesOf(db, schema);
    if (options.rebuild !== true) refuseDifferences(schema, differences.filter(needsRebuild));
    if (options.dryRun === true || (asBefore && differences.length === 0)) return { applied: differences };
    for (const difference of differences) await change(db, schema, difference);
    await ledgerOf(db).updateOne(
      { _id: schema.name },
      { $set: { checksum, appliedAt: new Date(), collections: Object.keys(schema.collections).length } },
      { upsert: true },
    );
    (options.log ?? silent).info({ set: schema.name, changes: differences.length }, "MongoDB schema applied");
    return { applied: differences };
  });
}

/**
 * Asserts that a set is there exactly as declared.
 *
 * @throws `MONGO_SCHEMA_DIFFERS` (refused) with every difference in `details.differences`
 */
export const verifyMongo = (db: Db, schema: MongoSchema): Promise<void> =>
  mapped(async () => refuseDifferences(schema, await differencesOf(db, schema)));

const needsRebuild = ({ kind }: MongoDifference): boolean => kind === "index-different" || kind === "index-extra";

async function change(
  db: Db,
  schema: MongoSchema,
  { kind, collection, index, declared }: MongoDifference,
): Promise<void> {
  const validator = schema.collections[collection]?.validator ?? {};
  // NamespaceExists, IndexNotFound: another process was faster.
  if (kind === "collection-missing") await unless(48, () => db.createCollection(collection, { validator }));
  if (kind === "validator-different") await db.command({ collMod: collection, validator });
  if (needsRebuild({ kind, collection }) && index !== undefined)
    await unless(27, () => db.collection(collection).dropIndex(index));
  if (declared === undefined) return;
  const { key, ...options } = declared;
  await db.collection(collection).createIndex({ ...key }, options);
}

async function unless(code: number, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== code) throw error;
  }
}

const remedies: Readonly<Record<MongoDifference["kind"], string>> = {
  "collection-missing": "is missing",
  "validator-different": "has another validator",
  "index-missing": "is missing",
  "index-different": "is there in another form",
  "index-extra": "is not declared",
};

function refuseDifferences({ name }: MongoSchema, differences: readonly MongoDifference[]): void {
  if (differences.length === 0) return;
  const lines = differences.map(
    ({ kind, collection, index }) =>
      `${index === undefined ? "collection" : "index"} ${collection}${index === undefined ? "" : `.${index}`} ${remedies[kind]}`,
  );
  const flag = differences.some(needsRebuild) ? " --rebuild" : "";
  throw refused(
    "MONGO_SCHEMA_DIFFERS",
    `the MongoDB schema ${name} is not as declared: ${lines.join("; ")}; run \`stella-data migrate apply --backend mongo --module ${name}${flag}\``,
    { details: { differences } },
  );
}

async function mapped<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isDataLayerError(cause)) throw cause;
    if (cause instanceof MongoNetworkError || cause instanceof MongoServerSelectionError)
      throw unavailable(
        "MONGODB_UNREACHABLE",
        `no answer from MongoDB: ${cause.message}; check the URL, and that the server is up`,
        { cause },
      );
    if (cause instanceof MongoServerError && cause.code === 11000)
      throw refused(
        "MONGO_INDEX_DUPLICATES",
        `a unique index cannot be built: ${cause.message}; remove the duplicates and run again`,
        { cause },
      );
    throw cause;
  }
}
