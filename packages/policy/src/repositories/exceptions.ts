import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { exceptions, PolicyException } from "../aggregates.ts";
import type { ExceptionStatus } from "../domain/exception-states.ts";

export interface ExceptionTransition {
  readonly id: string;
  /** The status it was read in. */
  readonly from: ExceptionStatus;
  /** Into `revoked` and `expired` an exception goes by their own verbs. */
  readonly to: ExceptionStatus;
  readonly at: Date;
}

export interface ExceptionRevocation {
  readonly id: string;
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

/**
 * What a policy lets pass for a time. From draft to staged to active; it ends revoked or expired, and is never deleted: there is no such verb,
 * so that what once held can always be shown.
 */
export interface Exceptions extends Reader<typeof exceptions> {
  /**
   * Stores a draft, new or in the place of a draft; the answer is the revision now stored.
   * @throws `EXCEPTION_NOT_DRAFT` (conflict) when it is, or was stored as, anything else; `JUSTIFICATION_TOO_SHORT` below 10 code points,
   * `EXCEPTION_WINDOW` where it expires before it takes effect, `VALUE_…`, `REVISION_INVALID` (data); `REVISION_CONFLICT` (conflict),
   * `UNIQUE_VIOLATION` (integrity)
   */
  put(exception: PolicyException, expected: bigint): Promise<bigint>;
  /** The tenant's own, else the shared one, else null. */
  findByExceptionId(exceptionId: string): Promise<Stored<typeof exceptions> | null>;
  /**
   * Compare and set, from draft to staged and from staged to active; of many at once one wins. Null when it is in another status by now, or is
   * not there. @throws `EXCEPTION_TRANSITION` (conflict) when an exception never makes such a move by this verb, `VALUE_…` (data)
   */
  transition(transition: ExceptionTransition): Promise<Stored<typeof exceptions> | null>;
  /** Takes it out of force for good, whatever it was: a draft, staged or active. Null when it has ended, or is not there. @throws `VALUE_…` (data) */
  revoke(revocation: ExceptionRevocation): Promise<Stored<typeof exceptions> | null>;
  /** Active ones of a vulnerability with `effectiveAt` <= at < `expiresAt`, own and shared, by `effectiveAt`, then id. */
  listActive(at: Date, vulnerability: string, request?: PageRequest): Promise<Page<Stored<typeof exceptions>>>;
  /**
   * Expires active ones with `expiresAt` <= at, which `listActive(at)` gives no more, the longest over first; gives their `exceptionId`s in that
   * order. Each is given to one of any number of callers. @throws `LIMIT_INVALID` (not 1 to 1,000), `VALUE_…` (data)
   */
  expireDue(at: Date, limit: number): Promise<readonly string[]>;
}
