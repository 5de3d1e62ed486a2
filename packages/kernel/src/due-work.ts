import { refuseLimit } from "./claim.ts";
import { dataError } from "./errors.ts";
import { instantOf } from "./instants.ts";
import type { TenantId } from "./tenant.ts";

/** For workers that serve all tenants: who has work, and nothing of what it is. */
export interface DueWork<K extends string> {
  /**
   * Tenants with something due at `at`, whoever has waited longest first, then by the bytes of their ids; at most `limit` (1 to 1,000). What is claimed
   * at this moment may be among it. @throws `LIMIT_INVALID`, `WORK_KIND`, `VALUE_DATE`, `VALUE_DATE_RANGE` (data)
   */
  dueTenants(kind: K, at: Date, limit: number): Promise<readonly TenantId[]>;
}

export interface Due<K extends string> {
  readonly kind: K;
  readonly at: Date;
  readonly limit: number;
}

/** @throws `LIMIT_INVALID`, `WORK_KIND`, `VALUE_DATE`, `VALUE_DATE_RANGE` (data) */
export function checkDue<K extends string>(kinds: readonly K[], { kind, at, limit }: Due<K>): void {
  if (!kinds.includes(kind))
    throw dataError("WORK_KIND", `there is work of the kinds ${kinds.join(", ")}; "${kind}" is none of them`);
  instantOf(at, "at");
  refuseLimit(limit, 1_000);
}
