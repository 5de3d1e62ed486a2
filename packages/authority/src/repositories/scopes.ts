import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { scopes } from "../aggregates.ts";

/** Scopes, the tenant's own and the shared ones: hundreds of them, not thousands. */
export interface Scopes extends Repository<typeof scopes> {
  /** The tenant's own scope of that name, else the shared one, else null. */
  findByName(name: string): Promise<Stored<typeof scopes> | null>;
  /** Those that are for the resource, matched exactly, by name, then id. */
  listByResource(resource: string, request?: PageRequest): Promise<Page<Stored<typeof scopes>>>;
}
