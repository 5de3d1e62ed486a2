import type { DueWork as DueTenants } from "@stellaops/kernel";

export const workKinds = ["triggers", "policy_jobs", "graph_jobs"] as const;
export type WorkKind = (typeof workKinds)[number];

/**
 * For workers that serve all tenants. Due are triggers by their next fire time, jobs by when they are available, and jobs whose lease has run out.
 */
export interface DueWork extends DueTenants<WorkKind> {}
