import {
  codeOf,
  isDataLayerError,
  type Aggregate,
  type DataLayerError,
  type ModuleDefinition,
  type TenantId,
} from "@stellaops/kernel";
import {
  documentCodec,
  mapError,
  registerCollection,
  registerKey,
  type DocumentCodec,
  type Mongo,
  type RegisterEntry,
  type StoredDocument,
} from "@stellaops/mongo";
import type { AnyBulkWriteOperation, ClientSession, Filter } from "mongodb";
import { contradiction, raced } from "../replication/faults.ts";
import type { KeyState, Position, Replica } from "../replication/replica.ts";
import type { FencePoint } from "../side.ts";
import { enterApply } from "./fence.ts";
import { repeatable } from "./repeatable.ts";
import { sweep } from "./sweep.ts";

/** MongoDB's half. */
export function mongoReplica({ client, db }: Mongo, module: ModuleDefinition): Replica {
  const codecs = new Map(module.aggregates.map((aggregate) => [aggregate.table, documentCodec(aggregate)]));
  const codecOf = ({ table }: Aggregate): DocumentCodec<Aggregate> => {
    const found = codecs.get(table);
    if (found === undefined) throw new TypeError(`module ${module.name} has no aggregate ${table}`);
    return found;
  };
  const register = db.collection<RegisterEntry>(registerCollection);
  const documents = ({ table }: Aggregate) => db.collection<StoredDocument>(table);
  const keysOf = ({ table }: Aggregate, tenant: string, ids: readonly string[]) =>
    ids.map((id) => registerKey(table, tenant, id));

  // Names its aggregates, because only then the index of pending keys is used.
  const marked = { aggregate: { $in: module.aggregates.map(({ table }) => table) }, pending: true };

  const inTransaction = <T>(work: (session: ClientSession) => Promise<T>): Promise<T> => repeatable(client, work);
  return {
    read: (aggregate, tenant, ids) =>
      inTransaction(async (session) => {
        const entries = await register.find({ _id: { $in: keysOf(aggregate, tenant, ids) } }, { session }).toArray();
        const live = entries.filter(({ deleted }) => !deleted).map(({ id }) => id);
        const found = await documents(aggregate)
          .find({ tenantId: tenant, id: { $in: live } }, { session })
          .toArray();
        const byId = new Map(found.map((document) => [document.id, document]));
        return entries.map((entry) => stateOf(codecOf(aggregate), entry, byId.get(entry.id)));
      }),

    apply: (aggregate, tenant, states, generation) =>
      inTransaction(async (session) => {
        await enterApply(db, session, generation);
        const keys = keysOf(
          aggregate,
          tenant,
          states.map(({ id }) => id),
        );
        const entries = await register.find({ _id: { $in: keys } }, { session }).toArray();
        const before = new Map(entries.map((entry) => [entry.id, entry]));
        const won = states.filter((state) => isHigher(state, before.get(state.id)));
        if (won.length === 0) return;
        await register.bulkWrite(
          won.map(({ id, generation: at, revision, deleted }) => ({
            replaceOne: {
              filter: { _id: registerKey(aggregate.table, tenant, id) },
              replacement: entryOf({
                aggregate: aggregate.table,
                tenantId: tenant,
                id,
                generation: at,
                revision,
                deleted,
              }),
              upsert: true,
            },
          })),
          { session },
        );
        // Deleted and inserted anew in one transaction: unique values may move between the documents of a batch, in any order.
        const operations: AnyBulkWriteOperation<StoredDocument>[] = [
          { deleteMany: { filter: { tenantId: tenant, id: { $in: won.map(({ id }) => id) } } } },
          ...won.flatMap(({ value, revision, id }) =>
            value === null
              ? []
              : [
                  {
                    insertOne: {
                      document: {
                        _id: `${tenant}/${id}`,
                        ...codecOf(aggregate).encode(value as never, tenant, revision),
                      },
                    },
                  },
                ],
          ),
        ];
        await documents(aggregate).bulkWrite(operations, { session, ordered: true });
      }).catch(raced),

    async clear(aggregate, tenant, states) {
      if (states.length === 0) return;
      const operations = states.map(({ id, generation, revision }) => ({
        updateOne: {
          filter: { _id: registerKey(aggregate.table, tenant, id), generation, revision, pending: true },
          update: { $set: { pending: false, refusal: null } },
        },
      }));
      await register.bulkWrite(operations, { ordered: false }).catch(raised);
    },
    async park(aggregate, tenant, state, reason) {
      const { id, generation, revision, deleted } = state;
      const entry = { aggregate: aggregate.table, tenantId: tenant, id, generation, revision, deleted, pending: true };
      const notNewer = [{ generation: { $lt: generation } }, { generation, revision: { $lte: revision } }];
      const filter = { _id: registerKey(aggregate.table, tenant, id), $or: notNewer };
      await register
        .updateOne(filter, { $set: { ...entry, refusal: reason } }, { upsert: true })
        .catch((error: unknown) => {
          // A newer entry is there: the upsert collides with it, and the reason is out of date.
          if (codeOf(mapError(error)) !== "REVISION_CONFLICT") throw error;
        });
    },
    async unpark() {
      const parked = { ...marked, refusal: { $ne: null } };
      return (await register.updateMany(parked, { $set: { refusal: null } }).catch(raised)).modifiedCount;
    },
    async pending(limit, home) {
      const of = home === undefined ? {} : { aggregate: home.aggregate.table, tenantId: home.tenant };
      const found = await register
        .find({ ...marked, ...of, refusal: null })
        .limit(limit)
        .toArray()
        .catch(raised);
      return found.map(({ aggregate, tenantId, id }) => ({ aggregate, tenant: tenantId as TenantId, id }));
    },
    async backlog(after?: FencePoint) {
      return client.withSession({ causalConsistency: true }, async (session) => {
        if (after !== null && after !== undefined) session.advanceOperationTime(after);
        const count = (filter: object) =>
          register.countDocuments(filter, { session, readConcern: { level: "majority" } });
        const pending = await count({ ...marked, refusal: null }).catch(raised);
        return { pending, parked: await count({ ...marked, refusal: { $ne: null } }).catch(raised) };
      });
    },
    scan: (aggregate, after, limit) =>
      inTransaction(async (session) => {
        const found = await documents(aggregate)
          .find(beyond(after), { session })
          .sort({ tenantId: 1, id: 1 })
          .limit(limit)
          .toArray();
        const keys = found.map(({ tenantId, id }) => registerKey(aggregate.table, tenantId, id));
        const entries = await register
          .find({ _id: { $in: keys } }, { session, projection: { generation: 1 } })
          .toArray();
        const generations = new Map(entries.map(({ _id, generation }) => [_id, generation]));
        return found.map((document) => {
          const { tenantId, id } = document;
          const generation = generations.get(registerKey(aggregate.table, tenantId, id)) ?? 0n;
          const entry = { id, generation, revision: revisionOf(document) ?? 0n, deleted: false };
          return { tenant: tenantId as TenantId, state: stateOf(codecOf(aggregate), entry, document) };
        });
      }),
    sweep: (aggregate, generation, signal) => sweep({ client, db }, aggregate, { generation, signal }),
  };
}

/** As an apply leaves it. */
const entryOf = (entry: Omit<RegisterEntry, "_id" | "pending" | "refusal">): Omit<RegisterEntry, "_id"> => ({
  ...entry,
  pending: false,
  refusal: null,
});

const isHigher = (state: KeyState, before: RegisterEntry | undefined): boolean =>
  before === undefined ||
  state.generation > before.generation ||
  (state.generation === before.generation && state.revision > before.revision);

type Entry = Pick<RegisterEntry, "id" | "generation" | "revision" | "deleted">;

function stateOf(codec: DocumentCodec<Aggregate>, entry: Entry, document: StoredDocument | undefined): KeyState {
  const { id, generation, revision, deleted } = entry;
  const key = { id, generation, revision, deleted };
  if (deleted) return { ...key, value: null, fault: null };
  try {
    if (document === undefined || revisionOf(document) !== revision) throw contradiction(entry);
    return { ...key, value: codec.decode(document), fault: null };
  } catch (error) {
    return { ...key, value: null, fault: faultOf(error) };
  }
}

const beyond = (after: Position | null): Filter<StoredDocument> =>
  after === null
    ? {}
    : { tenantId: { $gte: after.tenant }, $or: [{ tenantId: { $gt: after.tenant } }, { id: { $gt: after.id } }] };

/** Another program may have stored it as a 32-bit integer. */
const revisionOf = ({ revision }: { readonly revision: unknown }): bigint | null =>
  typeof revision === "bigint" || Number.isInteger(revision) ? BigInt(String(revision)) : null;

const faultOf = (error: unknown): DataLayerError => (isDataLayerError(error) ? error : mapError(error));

function raised(error: unknown): never {
  throw mapError(error);
}
