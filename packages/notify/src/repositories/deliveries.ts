import type { Backoff, ClaimRef, Jobs, Json, Page, PageRequest, Purging, Reader, Stored } from "@stellaops/kernel";
import type { deliveries, Delivery } from "../aggregates.ts";
import type { DeliveryStatus } from "../domain/delivery-states.ts";

export interface Enqueue extends Pick<
  Delivery,
  "id" | "ruleId" | "channelId" | "eventId" | "idempotencyKey" | "payloadHash" | "rendered"
> {
  /** Not sent before; `at` when left out. */
  readonly dueAt?: Date;
  readonly at: Date;
}

export interface Enqueued {
  readonly delivery: Stored<typeof deliveries>;
  /** False: the key had a delivery already, which is as it was. */
  readonly created: boolean;
}

export interface Sent {
  /** What the channel answered. */
  readonly response: Json | null;
  readonly at: Date;
}

export interface NotSent {
  readonly error: string;
  readonly at: Date;
  /** When it is tried again, and how often. */
  readonly backoff: Backoff;
}

export interface DeliveryTransition {
  readonly id: string;
  /** The status it was read in. */
  readonly from: DeliveryStatus;
  readonly to: DeliveryStatus;
  readonly at: Date;
}

/** Messages on their way, each to be sent once. Whoever is due longest goes first. */
export interface Deliveries
  extends Pick<Jobs<typeof deliveries>, "claim" | "heartbeat" | "requeueExpired">, Reader<typeof deliveries>, Purging {
  /**
   * Asks for a delivery. Whoever comes second under one idempotency key, also at once, is given the delivery that is there, whatever else is asked.
   * @throws `VALUE_…` (data), also when it is there already; `REVISION_CONFLICT` (conflict) when the id is another delivery's
   */
  enqueue(delivery: Enqueue): Promise<Enqueued>;
  /** Ends a claim: it is on its way. @throws `CLAIM_LOST` (conflict), `VALUE_…` (data) */
  markSent(ref: ClaimRef, sent: Sent): Promise<Stored<typeof deliveries>>;
  /**
   * Ends a claim: queued again after a pause that grows with each attempt, or failed for good after the last. Attempts are counted over the whole
   * life of a delivery. @throws `CLAIM_LOST` (conflict), `VALUE_…`, `BACKOFF_INVALID` (data)
   */
  markFailed(ref: ClaimRef, failed: NotSent): Promise<Stored<typeof deliveries>>;
  /** Somebody has seen it: once, from `sent` or `delivered`. Null when it is in another status, or is not there. @throws `VALUE_…` (data) */
  acknowledge(id: string, at: Date): Promise<Stored<typeof deliveries> | null>;
  /**
   * Moves no claim makes, as compare and set: gathered into a digest, held back, delivered, queued once more (due at `at`). Null when it is in another
   * status by now, or is not there. @throws `DELIVERY_TRANSITION` (conflict) when a delivery never makes such a move, `VALUE_…` (data)
   */
  transition(transition: DeliveryTransition): Promise<Stored<typeof deliveries> | null>;
  /** The tenant's own delivery of that key, else the shared one, else null. */
  findByKey(idempotencyKey: string): Promise<Stored<typeof deliveries> | null>;
  /** Newest first, then id descending. */
  listNewest(request?: PageRequest): Promise<Page<Stored<typeof deliveries>>>;
}
