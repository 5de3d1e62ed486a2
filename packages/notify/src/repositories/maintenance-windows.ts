import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { maintenanceWindows } from "../aggregates.ts";

/** When something is being worked on. */
export interface MaintenanceWindows extends Repository<typeof maintenanceWindows> {
  /** As every `put`. @throws also `WINDOW_EMPTY` (data) where it does not end after it starts */
  put: Repository<typeof maintenanceWindows>["put"];
  /** Those that have started at an instant and not ended: own and shared, by `endsAt`, then id. */
  listActive(at: Date, request?: PageRequest): Promise<Page<Stored<typeof maintenanceWindows>>>;
}
