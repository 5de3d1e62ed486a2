import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { operatorOverrides } from "../aggregates.ts";

/** What an operator has set aside for a while. */
export interface OperatorOverrides extends Repository<typeof operatorOverrides> {
  /** Those that expire after an instant: own and shared, by `expiresAt`, then id. */
  listActive(at: Date, request?: PageRequest): Promise<Page<Stored<typeof operatorOverrides>>>;
}
