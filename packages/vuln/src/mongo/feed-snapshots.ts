import { Cursors, limitOf, normalisePart, pageOf, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { feedSnapshots } from "../aggregates.ts";
import {
  addable,
  checksumOf,
  emptySnapshot,
  missingOrSealed,
  refuseFull,
  sealRaced,
  snapshotMissing,
} from "../domain/snapshots.ts";
import type { FeedSnapshots, Opening, SnapshotChange, SnapshotEntry } from "../repositories/feed-snapshots.ts";

const verbs = table(feedSnapshots);

/** What is there and not named again, and what is named, in key order. */
const grown = (entries: readonly SnapshotEntry[], at: Date) => {
  const keys = { $literal: entries.map(({ advisoryKey }) => advisoryKey) };
  const kept = { $filter: { input: "$advisories", cond: { $not: [{ $in: ["$$this.advisoryKey", keys] }] } } };
  const all = { $concatArrays: [kept, { $literal: entries }] };
  return [
    { $set: { advisories: { $sortArray: { input: all, sortBy: { advisoryKey: 1 } } }, updatedAt: at } },
    { $set: { advisoryCount: { $toLong: { $size: "$advisories" } } } },
  ];
};

interface Differing {
  readonly a: string;
  readonly b: string;
  readonly after: string;
  readonly limit: number;
}
/** The tenant's own snapshots before the shared ones of the same id; then a full join of the two arrays: grouped by key, each side's hash or null. */
const differing = (tenant: string, { a, b, after, limit }: Differing) => {
  const side = (id: string) => ({ $max: { $cond: [{ $eq: ["$id", id] }, "$advisories.contentHash", null] } });
  return [
    { $project: { id: 1, advisories: 1, own: { $eq: ["$tenantId", { $literal: tenant }] } } },
    { $sort: { own: -1 } },
    { $group: { _id: "$id", id: { $first: "$id" }, advisories: { $first: "$advisories" } } },
    { $unwind: "$advisories" },
    { $match: { "advisories.advisoryKey": { $gt: after } } },
    { $group: { _id: "$advisories.advisoryKey", before: side(a), after: side(b) } },
    { $match: { $expr: { $ne: ["$before", "$after"] } } },
    { $sort: { _id: 1 } },
    { $limit: limit },
    { $project: { _id: 0, advisoryKey: "$_id", before: 1, after: 1 } },
  ];
};

export class MongoFeedSnapshots extends MongoRepository<typeof feedSnapshots> implements FeedSnapshots {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async open(opening: Opening) {
    return this.put(emptySnapshot(opening), 0n);
  }

  async addAdvisories(id: string, entries: readonly SnapshotEntry[], at: Date) {
    const clean = addable(id, entries, at);
    return this.atomically(async (repository) => {
      const root = await repository.change({ id, sealedAt: null }, grown(clean, at));
      if (root === null) throw missingOrSealed(id, await repository.get(id));
      refuseFull(Number(root.advisoryCount));
      return root.revision;
    });
  }

  async seal(id: string, at: Date) {
    normalisePart(feedSnapshots, { sealedAt: at });
    const found = await this.get(id);
    if (found === null || found.tenantId !== this.unit.tenant) throw snapshotMissing(id);
    if (found.sealedAt !== null) return found;
    const checksum = checksumOf(found.advisories);
    const sealed = await this.change(
      { id, sealedAt: null, revision: found.revision },
      { $set: { sealedAt: at, checksum, updatedAt: at } },
    );
    if (sealed === null) throw sealRaced(id);
    return sealed;
  }

  async diff(a: string, b: string, request: PageRequest = {}) {
    const [from, to] = [this.idOf(a), this.idOf(b)];
    const limit = limitOf(request);
    const cursors = new Cursors("vuln", "feed_snapshots", "diff", this.unit.tenant, { a, b });
    const [after = ""] = cursors.decode(request.after, 1) ?? [];
    const stages = differing(this.unit.tenant, { a: from, b: to, after, limit: limit + 1 });
    const changes = await this.derive<SnapshotChange>({ id: { $in: [from, to] } }, stages);
    return pageOf(changes, limit, ({ advisoryKey }) => cursors.encode([advisoryKey]));
  }
}
