import type { TenantId } from "@stellaops/kernel";

export const workKinds = ["triggers", "policy_jobs", "graph_jobs"] as const;
export type WorkKind = (typeof workKinds)[number];

/** For workers that serve all tenants: who has work, and nothing of what it is. */
export interface DueWork {
  /**
   * Tenants with something due at `at`, whoever has waited longest first, then by the bytes of their ids; at most `limit` (1 to 1,000). Due are triggers
   * by their next fire time, jobs by when they are available, and jobs whose lease has run out. What is claimed at this moment may be among it.
   * @throws `LIMIT_INVALID`, `WORK_KIND`, `VALUE_DATE`, `VALUE_DATE_RANGE` (data)
   */
  dueTenants(kind: WorkKind, at: Date, limit: number): Promise<readonly TenantId[]>;
}
