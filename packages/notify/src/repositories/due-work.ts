import type { DueWork as DueTenants } from "@stellaops/kernel";

export const workKinds = ["deliveries", "digests", "escalations"] as const;
export type WorkKind = (typeof workKinds)[number];

/**
 * For workers that serve all tenants. Due are queued deliveries and those whose lease has run out, digests whose window is over, and active
 * escalations whose stage is to be told.
 */
export interface DueWork extends DueTenants<WorkKind> {}
