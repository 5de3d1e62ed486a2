import type { Ingested, Reader } from "@stellaops/kernel";
import type { KevFlag, kevFlags } from "../aggregates.ts";

/** Vulnerabilities known to be exploited. */
export interface KevFlags extends Reader<typeof kevFlags> {
  /**
   * Makes the tenant's own flags exactly these, in one transaction: writes what differs, deletes what is not named. At most 20,000.
   * Of several at once each is whole: what is left is what one of them gave.
   * @throws `BATCH_DUPLICATE` (two of one CVE or one id), `BATCH_TOO_LARGE`, `REVISION_CONFLICT` (a new one under an id that is there)
   */
  replaceAll(flags: readonly KevFlag[]): Promise<Ingested & { readonly deleted: number }>;
  /** Those of the given CVEs that have a flag, own or shared; sorted. At most 10,000 are asked for at once. */
  isKnownExploited(cves: readonly string[]): Promise<readonly string[]>;
}
