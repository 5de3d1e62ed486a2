import { refused } from "@stellaops/kernel";
import { raised } from "@stellaops/mongo";
import type { ClientSession, Collection, Db, Filter, FindCursor } from "mongodb";
import type { Layout } from "../layout.ts";
import { compareKeys, keyText, type Key, type MongoRows, type RegisterState } from "../record.ts";
import { readDocument, type Document } from "./bson.ts";
import { DocumentImages } from "./documents.ts";
import { allOfTenant, between, entryOf, inRange, type Bounds } from "./entries.ts";
import { mongoRecord } from "./forms.ts";
import { canBeOnPostgres } from "./raw.ts";

interface Stored {
  readonly _id: string;
  readonly tenantId: string;
  readonly id: string;
}

const majority = { readConcern: { level: "majority" }, readPreference: "primary" } as const;
/** Named for each collection: the client's own concern would take the place of a snapshot session's. */
const snapshot = { readConcern: { level: "snapshot" }, readPreference: "primary" } as const;
/** Documents that the server sends at once, unless they weigh more than 16 MiB. */
const page = 1_000;
const keyIndex = { tenantId: 1, id: 1 } as const;

/** Documents of one aggregate's collection. */
export function mongoRows(db: Db, layout: Layout): MongoRows {
  const { table } = layout.definition;
  const documents = db.collection<Stored>(table, majority);
  const register = db.collection<Stored>("register", majority);
  const images = new DocumentImages(layout);
  const entryId = ({ tenant, id }: Key): string => `${table}/${tenant}/${id}`;
  const entriesOf = async (from: Collection<Stored>, keys: readonly Key[], session?: ClientSession) => {
    const entries = await rawOf(from, { _id: { $in: keys.map(entryId) } }, session);
    return new Map(entries.map((bytes) => stateOf(readDocument(bytes).document)));
  };

  return {
    database: "mongo",
    async *documents({ after, upTo, tenant }) {
      const cursor = documents.find(tenant === null ? {} : { tenantId: tenant }, {
        raw: true,
        hint: keyIndex,
        sort: keyIndex,
        batchSize: page,
        // The text that follows a text is the same with a zero behind it.
        ...(after === null ? {} : { min: { tenantId: after.tenant, id: `${after.id}\0` } }),
        ...(upTo === null ? {} : { max: { tenantId: upTo.tenant, id: `${upTo.id}\0` } }),
      });
      for await (const raw of pagesOf(cursor)) yield (raw as unknown as readonly Uint8Array[]).map(bufferOf);
    },
    digesting: () => images.begin(),
    record(bytes) {
      const { document, record } = mongoRecord(layout, bytes);
      const { _id, tenantId } = document;
      return { name: String(_id), tenant: typeof tenantId === "string" ? tenantId : null, record };
    },
    async *entries(range, tenants) {
      if (tenants.size === 0) return;
      const cursor = register.find(anyOf(inRange(table, range, tenants)), { raw: true, batchSize: page });
      for await (const raw of pagesOf(cursor))
        yield (raw as unknown as readonly Uint8Array[]).map((bytes) => entryOf(bufferOf(bytes)));
    },
    async *elsewhere(tenants, only) {
      const gaps = only === null ? between(table, tenants) : tenants.has(only) ? [] : [allOfTenant(table, only)];
      for (let at = 0; at < gaps.length; at += page) {
        const live: Filter<Stored> = { ...anyOf(gaps.slice(at, at + page)), deleted: false };
        const cursor = register.find(live, { projection: keyIndex, batchSize: page });
        for await (const entries of pagesOf(cursor))
          yield entries.map(({ tenantId, id }) => ({ tenant: tenantId, id }));
      }
    },
    async cuts(parts) {
      const sampled = await documents
        .aggregate<Stored>([{ $sample: { size: 50 * parts } }, { $project: { _id: 0, ...keyIndex } }])
        .toArray()
        .catch(raised);
      return cutsOf(sampled.map(({ tenantId, id }) => ({ tenant: tenantId, id })).filter(isKey), parts);
    },
    read: (keys) =>
      db.client.withSession({ snapshot: true }, async (session) => {
        const raw = await rawOf(db.collection<Stored>(table, snapshot), ofKeys(keys), session);
        const entries = await entriesOf(db.collection<Stored>("register", snapshot), keys, session);
        const records = new Map(
          raw.map((bytes) => {
            const { document, record } = mongoRecord(layout, bytes);
            return [`${String(document["tenantId"])}/${String(document["id"])}`, record];
          }),
        );
        return keys.map((key) => ({
          key,
          record: records.get(keyText(key)) ?? null,
          register: entries.get(entryId(key)) ?? null,
        }));
      }),
  };
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const anyOf = (bounds: readonly Bounds[]): Filter<Stored> => ({ $or: bounds.map((_id) => ({ _id })) });
const isKey = (key: Key): boolean =>
  typeof key.tenant === "string" && typeof key.id === "string" && canBeOnPostgres(key);

function cutsOf(keys: readonly Key[], parts: number): readonly Key[] {
  const sorted = keys.toSorted(compareKeys);
  const cuts = Array.from({ length: parts - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / parts)]);
  return cuts.filter(
    (key, i): key is Key => key !== undefined && (i === 0 || keyText(key) !== keyText(cuts[i - 1] ?? key)),
  );
}

async function* pagesOf<T>(cursor: FindCursor<T>): AsyncGenerator<readonly T[]> {
  try {
    while (await cursor.hasNext().catch(raised)) yield cursor.readBufferedDocuments();
  } finally {
    await cursor.close();
  }
}

async function rawOf(from: Collection<Stored>, filter: Filter<Stored>, session?: ClientSession) {
  const options = { raw: true, ...(session === undefined ? {} : { session }) };
  return (await from.find(filter, options).toArray().catch(raised)) as unknown as readonly Uint8Array[];
}

function ofKeys(keys: readonly Key[]): Filter<Stored> {
  const byTenant = new Map<string, string[]>();
  for (const { tenant, id } of keys) {
    const ids = byTenant.get(tenant);
    if (ids === undefined) byTenant.set(tenant, [id]);
    else ids.push(id);
  }
  return { $or: [...byTenant].map(([tenantId, ids]) => ({ tenantId, id: { $in: ids } })) };
}

const stateOf = ({ _id, generation, revision, deleted, pending, refusal }: Document): [string, RegisterState] => [
  String(_id),
  {
    generation: String(generation),
    revision: String(revision),
    deleted: deleted === true,
    pending: pending === true,
    refusal: typeof refusal === "string" ? refusal : null,
  },
];

/**
 * The scan is in the order of this index, and trusts that it holds each key once.
 * @throws `COMPARE_INDEX_MISSING` (refused)
 */
export async function requireKeyIndex(db: Db, table: string): Promise<void> {
  const indexes = await db.collection(table).indexes().catch(raised);
  const unique = indexes.some(
    ({ key, unique: once }) => once === true && JSON.stringify(key) === JSON.stringify(keyIndex),
  );
  if (unique) return;
  throw refused(
    "COMPARE_INDEX_MISSING",
    `collection ${table} has no unique index on tenantId and id; apply the module's index set first`,
    { details: { table } },
  );
}
