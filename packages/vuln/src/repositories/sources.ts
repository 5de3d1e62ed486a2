import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { sources } from "../aggregates.ts";

/** Feeds, the tenant's own and the shared ones. */
export interface Sources extends Repository<typeof sources> {
  /** The tenant's own source of that key, else the shared one, else null. */
  findByKey(key: string): Promise<Stored<typeof sources> | null>;
  /** Enabled ones by priority (lower first), then key, then id. */
  listEnabled(request?: PageRequest): Promise<Page<Stored<typeof sources>>>;
}
