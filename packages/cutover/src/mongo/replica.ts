import { codeOf, type Aggregate, type ModuleDefinition, type TenantId } from "@stellaops/kernel";
import {
  documentCodec,
  mapError,
  raised,
  registerCollection,
  registerKey,
  type DocumentCodec,
  type Mongo,
  type RegisterEntry,
  type StoredDocument,
} from "@stellaops/mongo";
import type { ClientSession } from "mongodb";
import { raced } from "../replication/faults.ts";
import type { AggregateLag, Replica } from "../replication/replica.ts";
import type { FencePoint } from "../side.ts";
import { apply } from "./apply.ts";
import { purge } from "./purge.ts";
import { ranges } from "./ranges.ts";
import { ofOneMoment, repeatable } from "./repeatable.ts";
import { scan } from "./scan.ts";
import { stateOf } from "./states.ts";
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

  // Names its aggregates, because only then the index of pending keys is used.
  const marked = { aggregate: { $in: module.aggregates.map(({ table }) => table) }, pending: true };

  const inTransaction = <T>(work: (session: ClientSession) => Promise<T>): Promise<T> => repeatable(client, work);
  const applyStates: Replica["apply"] = (aggregate, tenant, states, generation) =>
    inTransaction((session) =>
      apply(db, session, { aggregate, codec: codecOf(aggregate), tenant, states, generation }),
    ).catch(raced);
  return {
    read: (aggregate, tenant, ids) =>
      ofOneMoment(client, async (at) => {
        const keys = ids.map((id) => registerKey(aggregate.table, tenant, id));
        const entries = await register.find({ _id: { $in: keys } }, at).toArray();
        const live = entries.filter(({ deleted }) => !deleted).map(({ id }) => id);
        const found = await db
          .collection<StoredDocument>(aggregate.table)
          .find({ tenantId: tenant, id: { $in: live } }, at)
          .toArray();
        const byId = new Map(found.map((document) => [document.id, document]));
        return entries.map((entry) => stateOf(codecOf(aggregate), entry, byId.get(entry.id)));
      }),
    apply: applyStates,
    fill: applyStates,
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
        .updateOne(
          filter,
          { $set: { ...entry, refusal: reason }, $setOnInsert: { changedAt: new Date() } },
          { upsert: true },
        )
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
      return found.map(({ aggregate, tenantId, id, revision }) => ({
        aggregate,
        tenant: tenantId as TenantId,
        id,
        revision,
      }));
    },
    async parked(limit) {
      const sort = { aggregate: 1, tenantId: 1, id: 1 } as const;
      const found = await register
        .find({ ...marked, refusal: { $ne: null } }, { sort, limit })
        .toArray()
        .catch(raised);
      return found.map(({ aggregate, tenantId, id, refusal }) => ({
        aggregate,
        tenant: tenantId as TenantId,
        id,
        reason: String(refusal),
      }));
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
    lag: () =>
      register
        .aggregate<AggregateLag>([{ $match: marked }, ...lagOf])
        .toArray()
        .catch(raised),
    scan: (aggregate, after, limit, last = null) =>
      ofOneMoment(client, (at) => scan(db, at, { aggregate, codec: codecOf(aggregate), after, last, limit })),
    ranges: (aggregate, size) => ranges(db, aggregate, size),
    sweep: (aggregate, generation, signal) => sweep({ client, db }, aggregate, { generation, signal }),
    purge: (request) => purge({ client, db }, request),
  };
}

/** Ages by the server's clock; a key that changed before its time was kept has none. */
const parked = { $ne: ["$refusal", null] };
const ageOf = (field: string) => ({
  $cond: [{ $eq: [field, null] }, null, { $max: [0, { $toDouble: { $subtract: ["$$NOW", field] } }] }],
});
const lagOf = [
  {
    $group: {
      _id: "$aggregate",
      pending: { $sum: { $cond: [parked, 0, 1] } },
      parked: { $sum: { $cond: [parked, 1, 0] } },
      oldest: { $min: { $cond: [parked, null, "$changedAt"] } },
      oldestParked: { $min: { $cond: [parked, "$changedAt", null] } },
    },
  },
  {
    $project: {
      _id: 0,
      aggregate: "$_id",
      pending: { $toInt: "$pending" },
      parked: { $toInt: "$parked" },
      pendingMs: ageOf("$oldest"),
      parkedMs: ageOf("$oldestParked"),
    },
  },
  { $sort: { aggregate: 1 } },
];
