import type { AggregateOf, Page, PageRequest, SoftRepository, Stored } from "@stellaops/kernel";
import type { schedules } from "../aggregates.ts";

/** When to evaluate what. Names are unique among the live ones of a tenant; what is deleted stays, marked, and can be restored. */
export interface Schedules extends SoftRepository<typeof schedules> {
  /**
   * Writes the whole schedule. Its trigger is armed by `triggers.arm`, in the same unit of work.
   * @throws `CRON_INVALID`, `TIMEZONE_UNKNOWN`, `VALUE_…` (data), `REVISION_CONFLICT` (conflict), `UNIQUE_VIOLATION` (integrity) on uq_schedules_name
   */
  put(schedule: AggregateOf<typeof schedules>, expected: bigint): Promise<bigint>;
  /** Those that are enabled and live, by name, then id. */
  listEnabled(request?: PageRequest): Promise<Page<Stored<typeof schedules>>>;
}
