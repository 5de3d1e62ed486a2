import { Cursors, limitOf, normaliseKey, pageOf, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { impactSnapshots } from "../aggregates.ts";
import { replacedSnapshot, snapshotOf, unchanged } from "../domain/impact.ts";
import type { Impact, ImpactSnapshots } from "../repositories/impact-snapshots.ts";

const verbs = table(impactSnapshots);

/** The tenant's own snapshot before the shared one; a set is stored in the order of its bytes. */
const imagesAfter = (tenant: string, after: string | null, limit: number) => [
  { $project: { imageDigests: 1, own: { $eq: ["$tenantId", { $literal: tenant }] } } },
  { $sort: { own: -1 } },
  { $limit: 1 },
  { $unwind: "$imageDigests" },
  { $match: after === null ? {} : { imageDigests: { $gt: after } } },
  { $limit: limit },
  { $project: { _id: 0, digest: "$imageDigests" } },
];

export class MongoImpactSnapshots extends MongoRepository<typeof impactSnapshots> implements ImpactSnapshots {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async putForRun(impact: Impact) {
    const snapshot = snapshotOf(impact);
    const { runId } = snapshot;
    const changed = await this.changeOne(replacedSnapshot(snapshot));
    if (changed !== null) return changed;
    const there = await this.ownBy({ runId });
    return there === null ? this.createOne(snapshot) : unchanged(there, snapshot);
  }

  async findByRun(runId: string) {
    return this.first(normaliseKey(impactSnapshots, { runId }));
  }

  async images(id: string, request: PageRequest = {}) {
    const { runId } = normaliseKey(impactSnapshots, { runId: id });
    const limit = limitOf(request);
    const cursors = new Cursors("scheduler", "impact_snapshots", "images", this.unit.tenant, { runId });
    const [after = null] = cursors.decode(request.after, 1) ?? [];
    const found = await this.derive<{ digest: string }>({ runId }, imagesAfter(this.unit.tenant, after, limit + 1));
    const digests = found.map(({ digest }) => digest);
    return pageOf(digests, limit, (last) => cursors.encode([last]));
  }
}
