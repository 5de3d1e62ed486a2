import type { Aggregate, AggregateOf, Stored } from "./aggregate.ts";
import { count, id, instant, text } from "./field.ts";
import type { Lease } from "./lease.ts";

/** Who works on a row, and until when. */
export const holdFields = {
  leaseHolder: text(200).orNull,
  leaseUntil: instant().orNull,
  /** The call that claimed it. */
  claimId: id().orNull,
};
/** Of a row that one holder at a time works on: how often it was claimed, which with the holder tells one claim from all others. */
export const leaseFields = { attempts: count(), ...holdFields };
/** Of a row that is a job: claimed, worked on, completed, or tried again later. */
export const jobFields = { ...leaseFields, availableAt: instant(), lastError: text(10_000).orNull };
/** What claims need of a shape; a queue names the field that counts them. */
export type HoldShape = typeof holdFields;

export interface ClaimRequest extends Lease {
  /** 1 to 100. */
  readonly limit: number;
  readonly holder: string;
  /** Of this call: a UUID that no other call has. */
  readonly claimId: string;
}

/** A claim that its holder believes to have: `leaseHolder` and how often it was claimed, as `claim` gave them. */
export interface ClaimRef {
  readonly id: string;
  readonly holder: string;
  readonly attempt: bigint;
}

export interface Failure {
  readonly error: string;
  readonly at: Date;
  /** When it is due again; null: it has failed for good. */
  readonly retryAt: Date | null;
}

/** What holders do with rows they have claimed. */
export interface Claims<A extends Aggregate> {
  /**
   * Moves the end of the lease. After a claim every verb is guarded by holder and attempt: a lease that has run out may still be used as
   * long as nobody else claimed the row. @throws `CLAIM_LOST` (conflict), `LEASE_INVALID` (data)
   */
  heartbeat(ref: ClaimRef, lease: Lease): Promise<Stored<A>>;
}

/** Jobs. Times are the caller's. */
export interface Jobs<A extends Aggregate> extends Claims<A> {
  /**
   * The tenant's own that are ready and due, by rank, then when they became due, then id; each to one of any number of concurrent callers.
   * Fewer than asked for where no more are to be had, or others took them just then. Strict as long as claimers do not collide: a collision
   * on MongoDB makes them choose among the first few blocks for a while. On PostgreSQL one that was made due in the past by another process
   * may come about a second late.
   * @throws `LIMIT_INVALID`, `LEASE_INVALID`, `VALUE_…` (data)
   */
  claim(request: ClaimRequest): Promise<readonly Stored<A>[]>;
  /** @throws `CLAIM_LOST` (conflict) */
  complete(ref: ClaimRef, done: { readonly at: Date }): Promise<Stored<A>>;
  /** Ready again when it is to be tried again, else failed for good. @throws `CLAIM_LOST` (conflict) */
  fail(ref: ClaimRef, failure: Failure): Promise<Stored<A>>;
  /** Makes those ready again whose leases ran out, or fails them where they were tried as often as they may be; answers how many. Limit: 1 to 1,000. */
  requeueExpired(at: Date, limit: number): Promise<number>;
}

/** The part of an aggregate that claims know. */
export type Leased = AggregateOf<Aggregate<string, HoldShape>>;
