import type { Repository, Stored } from "@stellaops/kernel";
import type { roles } from "../aggregates.ts";

/** Roles, the tenant's own and the shared ones. */
export interface Roles extends Repository<typeof roles> {
  /** As every `put`; a system role stays one. @throws also `ROLE_SYSTEM` (conflict) */
  put: Repository<typeof roles>["put"];
  /** The tenant's own role of that name, else the shared one, else null. */
  findByName(name: string): Promise<Stored<typeof roles> | null>;
  /**
   * Deletes a role that nobody is granted, expired grants included. Forced, it is revoked from its holders in the same unit, which then
   * were changed at that instant; at most 500 of them. A grant that comes at the same time either is there before, and counts, or finds
   * no role. System roles and shared ones are never deleted.
   * @throws `REVISION_CONFLICT`, `ROLE_SYSTEM`, `ROLE_GRANTED` (conflict; `details.granted` says to how many)
   */
  delete(id: string, expected: bigint, forced?: { readonly at: Date }): Promise<void>;
}
