import type { Repository, Stored } from "@stellaops/kernel";
import type { revocations } from "../aggregates.ts";

export interface RevocationList {
  /** By category, revocation id, tenant. */
  readonly items: readonly Stored<typeof revocations>[];
  /** SHA-256 over the canonical form of each item and its tenant, one line each: the same from both databases. */
  readonly digest: string;
}

/** What no longer counts, for bundles that are signed and checked offline. */
export interface Revocations extends Repository<typeof revocations> {
  /**
   * All that are effective and not expired at an instant, own and shared, as one consistent answer.
   * @throws `REVOCATIONS_TOO_MANY` (data) above 20,000
   */
  listActive(at: Date): Promise<RevocationList>;
}
