import { refused } from "@stellaops/kernel";
import { mapError } from "@stellaops/mongo";
import type { ClientSession, Collection, Db, Filter, FindCursor } from "mongodb";
import type { Layout } from "../layout.ts";
import { keyText, type Key, type KeyState, type RawSide, type RegisterState, type Unkeyed } from "../record.ts";
import { readDocument, type Document } from "./bson.ts";
import { mongoRecord } from "./forms.ts";

interface Stored {
  readonly _id: string;
  readonly tenantId: string;
  readonly id: string;
}

const majority = { readConcern: { level: "majority" }, readPreference: "primary" } as const;
/** Named for each collection: the client's own concern would take the place of a snapshot session's. */
const snapshot = { readConcern: { level: "snapshot" }, readPreference: "primary" } as const;
const keyIndex = { tenantId: 1, id: 1 } as const;

/** Documents of one aggregate's collection. */
export function mongoRows(db: Db, layout: Layout): RawSide {
  const { table } = layout.definition;
  const documents = db.collection<Stored>(table, majority);
  const register = db.collection<Stored>("register", majority);
  const entryId = ({ tenant, id }: Key): string => `${table}/${tenant}/${id}`;
  const entriesOf = async (from: Collection<Stored>, keys: readonly Key[], session?: ClientSession) => {
    const entries = await rawOf(from, { _id: { $in: keys.map(entryId) } }, session);
    return new Map(entries.map((bytes) => entryOf(readDocument(bytes).document)));
  };

  return {
    database: "mongo",
    async *pages({ pageSize, tenant }) {
      const registered = (await register.findOne(ofAggregate(table)).catch(unmapped)) !== null;
      const filter = tenant === null ? {} : { tenantId: tenant };
      const cursor = documents.find(filter, { raw: true, hint: keyIndex, sort: keyIndex, batchSize: pageSize });
      for await (const raw of pagesOf(cursor)) {
        const rows: KeyState[] = [];
        const unkeyed: Unkeyed[] = [];
        for (const bytes of raw as unknown as readonly Uint8Array[]) {
          const { document, record } = mongoRecord(layout, bytes);
          const { _id, tenantId, id } = document;
          if (typeof tenantId === "string" && typeof id === "string")
            rows.push({ key: { tenant: tenantId, id }, record, register: null });
          else unkeyed.push({ name: String(_id), tenant: typeof tenantId === "string" ? tenantId : null, record });
        }
        if (!registered) yield { rows, unkeyed };
        else {
          const entries = await entriesOf(
            register,
            rows.map(({ key }) => key),
          );
          yield { rows: rows.map((row) => ({ ...row, register: entries.get(entryId(row.key)) ?? null })), unkeyed };
        }
      }
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
    async *orphans({ pageSize, tenant }) {
      const live = { ...ofAggregate(table), deleted: false, ...(tenant === null ? {} : { tenantId: tenant }) };
      const cursor = register.find(live, { projection: keyIndex, sort: { _id: 1 }, batchSize: pageSize });
      for await (const entries of pagesOf(cursor)) {
        const keys = entries.map(({ tenantId, id }) => ({ tenant: tenantId, id }));
        const found = await documents
          .find(ofKeys(keys), { projection: { _id: 0, ...keyIndex } })
          .toArray()
          .catch(unmapped);
        const there = new Set(found.map(({ tenantId, id }) => keyText({ tenant: tenantId, id })));
        const gone = keys.filter((key) => !there.has(keyText(key)));
        if (gone.length > 0) yield gone;
      }
    },
  };
}

async function* pagesOf<T>(cursor: FindCursor<T>): AsyncGenerator<readonly T[]> {
  try {
    while (await cursor.hasNext().catch(unmapped)) yield cursor.readBufferedDocuments();
  } finally {
    await cursor.close();
  }
}

async function rawOf(from: Collection<Stored>, filter: Filter<Stored>, session?: ClientSession) {
  const options = { raw: true, ...(session === undefined ? {} : { session }) };
  return (await from.find(filter, options).toArray().catch(unmapped)) as unknown as readonly Uint8Array[];
}

const unmapped = (error: unknown): never => {
  throw mapError(error);
};

/** Entries of one aggregate: "0" is the character after "/". */
const ofAggregate = (table: string): Filter<Stored> => ({ _id: { $gte: `${table}/`, $lt: `${table}0` } });

function ofKeys(keys: readonly Key[]): Filter<Stored> {
  const byTenant = new Map<string, string[]>();
  for (const { tenant, id } of keys) {
    const ids = byTenant.get(tenant);
    if (ids === undefined) byTenant.set(tenant, [id]);
    else ids.push(id);
  }
  return { $or: [...byTenant].map(([tenantId, ids]) => ({ tenantId, id: { $in: ids } })) };
}

const entryOf = ({ _id, generation, revision, deleted, pending, refusal }: Document): [string, RegisterState] => [
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
  const indexes = await db.collection(table).indexes().catch(unmapped);
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
