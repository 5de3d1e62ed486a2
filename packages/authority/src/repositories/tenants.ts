import type { Repository, Stored } from "@stellaops/kernel";
import type { tenants } from "../aggregates.ts";

/** The row that says what a tenant is. It lies in that tenant, which has one: a second is a `UNIQUE_VIOLATION` on uq_tenants_tenant_id. */
export interface Tenants extends Repository<typeof tenants> {
  /** The tenant's own row, never the shared one; null where none was stored. */
  current(): Promise<Stored<typeof tenants> | null>;
  /** Active to suspended; of concurrent callers one is given the row. Null when it is not active, or not there. */
  suspend(at: Date): Promise<Stored<typeof tenants> | null>;
  /** Suspended to active, likewise. A deleted tenant is not resumed. */
  resume(at: Date): Promise<Stored<typeof tenants> | null>;
}
