import { refused, retryTransient, type ModuleDefinition } from "@stellaops/kernel";
import { raised, type Mongo } from "@stellaops/mongo";
import { BSON, type ClientSession } from "mongodb";
import { enterApply } from "../mongo/fence.ts";
import { repeatable } from "../mongo/repeatable.ts";
import type { StageRecord } from "../record.ts";
import type { Sides } from "../side.ts";
import { contentOf, kindOf, type CollectionKind } from "./collections.ts";
import type { CollectionHead, Manifest } from "./format.ts";
import { ordered } from "./ordered.ts";
import { readArchive, verifyArchive } from "./read-archive.ts";
import { postgresAlone } from "./situation.ts";

export interface RestoreOptions {
  readonly module: ModuleDefinition;
  readonly mongo: Mongo;
  readonly sides: Sides;
  readonly file: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (collection: string, documents: number) => void;
}

export interface Restored {
  readonly manifest: Manifest;
  /** Of the module's own collections. */
  readonly documents: number;
}

const largestBatch = { documents: 500, bytes: 4 * 2 ** 20 };
/** Says which archive a restore that was interrupted brought back. */
const unfinished = "unfinished_restore";

/**
 * Brings an archive back, byte for byte, into collections that are empty, while PostgreSQL alone holds the module. The file is verified whole
 * before anything is written. An interrupted restore goes on with the same archive. Each batch is an apply of the current generation: once
 * replication has begun again, one that slept is refused like any late apply.
 * @throws `ARCHIVE_…`, `RESTORE_MODULE`, `RESTORE_NOT_EMPTY`, `RESTORE_DIFFERS`, `STAGE_NOT_POSTGRES`, `APPLY_FENCED` (refused)
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { module, file, sides } = options;
  const manifest = await verifyArchive(file);
  if (manifest.module !== module.name)
    throw refused("RESTORE_MODULE", `this is an archive of module ${manifest.module}, not of ${module.name}`);
  const at = await fencedStage(options);
  await begin(options, manifest);
  await copyAll(options, at);
  await verifyContents(options, manifest);
  // Whoever began replication meanwhile has closed the applies that this restore ran under.
  const now = await postgresAlone(sides);
  if (now.generation !== at.generation)
    throw refused("RESTORE_STAGE_CHANGED", "the stage changed meanwhile; look at it");
  await options.mongo.db.collection(unfinished).drop().catch(raised);
  const own = manifest.collections.filter(({ collection }) => kindOf(module, collection) === "data");
  return { manifest, documents: own.reduce((sum, { documents }) => sum + documents, 0) };
}

/** First the fence that later sweeps will close is there, then the stage is looked at. */
async function fencedStage({ mongo, sides }: RestoreOptions): Promise<StageRecord> {
  const { generation } = await postgresAlone(sides);
  await retryTransient(() => repeatable(mongo.client, (session) => enterApply(mongo.db, session, generation)));
  const at = await postgresAlone(sides);
  if (at.generation === generation) return at;
  throw refused("RESTORE_STAGE_CHANGED", "the stage changed meanwhile; look at it, and try again");
}

async function begin({ module, mongo: { db } }: RestoreOptions, manifest: Manifest): Promise<void> {
  const mine = { _id: "restore" as never, archive: manifest.sha256 };
  const earlier = await db.collection(unfinished).findOne({}).catch(raised);
  if (earlier?.["archive"] === manifest.sha256) return;
  const filled: string[] = earlier === null ? [] : [unfinished];
  for (const { collection } of manifest.collections)
    if (kindOf(module, collection) === "data" && (await db.collection(collection).findOne({}).catch(raised)) !== null)
      filled.push(collection);
  if (filled.length > 0)
    throw refused(
      "RESTORE_NOT_EMPTY",
      `${filled.join(", ")} of ${db.databaseName} hold something already; an archive comes back only into what is empty (\`stella-data decommission --drop\` empties what was archived)`,
      { details: { filled } },
    );
  await db.collection(unfinished).insertOne(mine).catch(raised);
}

async function copyAll(options: RestoreOptions, at: StageRecord): Promise<void> {
  const { module, file, signal, onProgress } = options;
  let kind: CollectionKind = "passing";
  let name = "";
  let batch: Uint8Array[] = [];
  let size = 0;
  let copied = 0;
  const flush = async (): Promise<void> => {
    signal?.throwIfAborted();
    if (batch.length === 0) return;
    const documents = batch.map(ordered);
    await retryTransient(() =>
      insertMissing(options, { name, documents, fencedAt: kind === "data" ? at.generation : null }),
    );
    copied += batch.length;
    onProgress?.(name, copied);
    batch = [];
    size = 0;
  };
  for await (const part of readArchive(file)) {
    if (part.kind === "collection") {
      name = part.head.collection;
      kind = kindOf(module, name);
      copied = 0;
      await makeCollection(options, part.head, kind);
    } else if (part.kind === "document" && (kind === "data" || kind === "record")) {
      batch.push(part.bytes);
      size += part.bytes.length;
      if (batch.length === largestBatch.documents || size >= largestBatch.bytes) await flush();
    } else if (part.kind === "tally") await flush();
  }
}

/** Epochs and applies come back closed, whatever they were: at stage `postgres` MongoDB has no epoch that is open. */
async function makeCollection(
  { mongo: { db } }: RestoreOptions,
  head: CollectionHead,
  kind: CollectionKind,
): Promise<void> {
  const { collection, indexes } = head;
  const options = kind === "fence" ? { validator: { $expr: false } } : head.options;
  const there = await db.listCollections({ name: collection }, { nameOnly: true }).hasNext().catch(raised);
  if (!there) await db.command({ create: collection, ...options, writeConcern: { w: "majority" } }).catch(raised);
  if (indexes.length > 0) await db.command({ createIndexes: collection, indexes: [...indexes] }).catch(raised);
}

interface Batch {
  readonly name: string;
  readonly documents: readonly ReadonlyMap<string, unknown>[];
  /** Null: what is there wins, so nothing has to be fenced. */
  readonly fencedAt: bigint | null;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** One transaction; a document whose `_id` is there stays as it is. */
const insertMissing = ({ mongo }: RestoreOptions, { name, documents, fencedAt }: Batch): Promise<void> =>
  repeatable(mongo.client, async (session: ClientSession) => {
    if (fencedAt !== null) await enterApply(mongo.db, session, fencedAt);
    const collection = mongo.db.collection(name);
    const ids = documents.map((document) => document.get("_id"));
    const found = await collection
      .find({ _id: { $in: ids as never[] } }, { session, projection: { _id: 1 }, raw: true })
      .toArray();
    const there = new Set((found as unknown as readonly Uint8Array[]).map(hex));
    const missing = documents.filter((one) => !there.has(hex(BSON.serialize(new Map([["_id", one.get("_id")]])))));
    // A Map is written member by member, in its order.
    if (missing.length > 0) await collection.insertMany([...missing], { session, forceServerObjectId: true });
  });

async function verifyContents({ module, mongo: { db } }: RestoreOptions, manifest: Manifest): Promise<void> {
  for (const { collection, documents, sha256 } of manifest.collections) {
    if (kindOf(module, collection) !== "data") continue;
    const found = await contentOf(db, collection);
    if (found.documents === documents && found.sha256 === sha256) continue;
    throw refused(
      "RESTORE_DIFFERS",
      `${collection} holds ${found.documents} documents with another checksum than the archive's ${documents}; something else wrote to it: empty it and restore again`,
      { details: { collection } },
    );
  }
}
