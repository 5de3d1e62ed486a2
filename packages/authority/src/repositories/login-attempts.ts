import type { Page, PageRequest, Purging, Reader, Stored } from "@stellaops/kernel";
import type { LoginAttempt, loginAttempts } from "../aggregates.ts";

/** Attempts to log in. Append-only. */
export interface LoginAttempts extends Reader<typeof loginAttempts>, Purging {
  /** All or none; at most 1,000. @throws `REVISION_CONFLICT` when an id is there already */
  append(attempts: readonly LoginAttempt[]): Promise<void>;
  /** Of the subject, newest first, then id descending. */
  listRecent(subject: string, request?: PageRequest): Promise<Page<Stored<typeof loginAttempts>>>;
  /** How often the subject failed at or after the instant, as far as the tenant sees: `outcome` failure, no other. */
  countFailures(subject: string, since: Date): Promise<bigint>;
}
