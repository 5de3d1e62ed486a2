import { MongoDueWork, type Unit, type Waiting } from "@stellaops/mongo";
import type { DueWork, WorkKind } from "../repositories/due-work.ts";

const waiting: Readonly<Record<WorkKind, readonly Waiting[]>> = {
  triggers: [{ collection: "triggers", since: "nextFireAt", where: {}, index: "idx_triggers_next_fire_at" }],
  policy_jobs: [
    {
      collection: "policy_jobs",
      since: "availableAt",
      where: { status: "queued", priorityRank: { $gte: 0 } },
      index: "idx_policy_jobs_status_priority_rank_available_at",
    },
    {
      collection: "policy_jobs",
      since: "leaseUntil",
      where: { status: "running" },
      index: "idx_policy_jobs_status_lease_until",
    },
  ],
  graph_jobs: [
    {
      collection: "graph_jobs",
      since: "availableAt",
      where: { status: "queued" },
      index: "idx_graph_jobs_status_available_at",
    },
    {
      collection: "graph_jobs",
      since: "leaseUntil",
      where: { status: "running" },
      index: "idx_graph_jobs_status_lease_until",
    },
  ],
};

export class MongoSchedulerDueWork extends MongoDueWork<WorkKind> implements DueWork {
  constructor(unit: Unit) {
    super(unit, waiting);
  }
}
