import { MongoDueWork, type Unit, type Waiting } from "@stellaops/mongo";
import type { DueWork, WorkKind } from "../repositories/due-work.ts";

const waiting: Readonly<Record<WorkKind, readonly Waiting[]>> = {
  deliveries: [
    {
      collection: "deliveries",
      since: "nextAttemptAt",
      where: { status: "queued" },
      index: "idx_deliveries_status_next_attempt_at",
    },
    {
      collection: "deliveries",
      since: "leaseUntil",
      where: { status: "sending" },
      index: "idx_deliveries_status_lease_until",
    },
  ],
  digests: [{ collection: "digests", since: "dueAt", where: {}, index: "idx_digests_due_at" }],
  // What is over has no time.
  escalations: [
    { collection: "escalation_states", since: "nextAt", where: {}, index: "idx_escalation_states_next_at" },
  ],
};

export class MongoNotifyDueWork extends MongoDueWork<WorkKind> implements DueWork {
  constructor(unit: Unit) {
    super(unit, waiting);
  }
}
