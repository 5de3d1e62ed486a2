import {
  choice,
  definitions,
  jobFields,
  queue,
  seededIds,
  systemClock,
  type AggregateOf,
  type Int8,
  type Timestamp,
} from "@stellaops/kernel";
import { MongoJobs, table, type Unit } from "../src/index.ts";

interface DB {
  readonly errands: {
    readonly tenant_id: string;
    readonly id: string;
    readonly revision: Int8;
    readonly created_at: Timestamp;
    readonly updated_at: Timestamp;
    readonly status: string;
    readonly attempts: Int8;
    readonly lease_holder: string | null;
    readonly lease_until: Timestamp | null;
    readonly claim_id: string | null;
    readonly available_at: Timestamp;
    readonly last_error: string | null;
  };
}

/** The smallest of queues. */
export const errands = definitions<DB>("trial").aggregate(
  "errands",
  "errand",
  { status: choice("queued", "running", "succeeded", "failed"), ...jobFields },
  { indexes: [["status", "availableAt"]] },
);
export type Errand = AggregateOf<typeof errands>;

const errandQueue = queue(errands, {
  status: { ready: "queued", taken: "running", done: "succeeded", failed: "failed" },
  due: "availableAt",
});
const verbs = table(errands);

export class Errands extends MongoJobs<typeof errands> {
  constructor(unit: Unit) {
    super(unit, verbs, errandQueue);
  }
  offer(batch: readonly Errand[]): Promise<void> {
    return this.appendAll(batch, 10_000);
  }
}

const ids = seededIds(systemClock, 3);
export const newId = (): string => ids.next();

export const noon = new Date("2026-01-02T12:00:00.000Z");
export const errand = (n: number): Errand => ({
  id: newId(),
  createdAt: noon,
  updatedAt: noon,
  status: "queued",
  attempts: 0n,
  leaseHolder: null,
  leaseUntil: null,
  claimId: null,
  availableAt: new Date(noon.getTime() + n),
  lastError: null,
});
