import { byBytes, type TenantId } from "@stellaops/kernel";
import { mapError, type Unit } from "@stellaops/mongo";
import { checkDue } from "../domain/due-work.ts";
import type { DueWork, WorkKind } from "../repositories/due-work.ts";

interface Waiting {
  /** The field that says since when. */
  readonly since: string;
  /** Equalities of what is waiting, in the order of the index. */
  readonly where: Readonly<Record<string, unknown>>;
  readonly index: string;
}
/**
 * Every condition of an index from the tenant on, so that the server skips from tenant to tenant in it and reads no more than what is waiting.
 * Named, so that no trial of plans settles on another while little is stored.
 */
const waiting: Readonly<Record<WorkKind, readonly Waiting[]>> = {
  triggers: [{ since: "nextFireAt", where: {}, index: "idx_triggers_next_fire_at" }],
  policy_jobs: [
    {
      since: "availableAt",
      where: { status: "queued", priorityRank: { $gte: 0 } },
      index: "idx_policy_jobs_status_priority_rank_available_at",
    },
    { since: "leaseUntil", where: { status: "running" }, index: "idx_policy_jobs_status_lease_until" },
  ],
  graph_jobs: [
    { since: "availableAt", where: { status: "queued" }, index: "idx_graph_jobs_status_available_at" },
    { since: "leaseUntil", where: { status: "running" }, index: "idx_graph_jobs_status_lease_until" },
  ],
};

interface Found {
  readonly _id: TenantId;
  readonly since: Date;
}

export class MongoDueWork implements DueWork {
  readonly #unit: Unit;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  async dueTenants(kind: WorkKind, at: Date, limit: number) {
    checkDue(kind, at, limit);
    const found: Found[] = [];
    for (const one of waiting[kind]) found.push(...(await this.#waiting(kind, one, { at, limit })));
    const ordered = found.toSorted((a, b) => a.since.getTime() - b.since.getTime() || byBytes(a._id, b._id));
    return [...new Set(ordered.map(({ _id }) => _id))].slice(0, limit);
  }

  async #waiting(
    collection: string,
    { since, where, index }: Waiting,
    { at, limit }: { readonly at: Date; readonly limit: number },
  ): Promise<readonly Found[]> {
    const { db, session } = this.#unit;
    const stages = [
      { $match: { tenantId: { $gt: "" }, ...where, [since]: { $lte: at } } },
      { $group: { _id: "$tenantId", since: { $min: `$${since}` } } },
      { $sort: { since: 1, _id: 1 } },
      { $limit: limit },
    ];
    try {
      return await db
        .collection(collection)
        .aggregate<Found>(stages, { hint: index, ...(session === undefined ? {} : { session }) })
        .toArray();
    } catch (error) {
      throw mapError(error);
    }
  }
}
