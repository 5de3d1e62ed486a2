import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { rules } from "../aggregates.ts";

/** What becomes of which events. */
export interface Rules extends Repository<typeof rules> {
  /**
   * As every `put`; an enabled rule names live channels, its tenant's own or shared ones.
   * @throws also `VALUE_OUT_OF_RANGE` (data) for a priority outside 0 to 100, `VALUE_ID` (data), `CHANNEL_MISSING` (not-found)
   */
  put: Repository<typeof rules>["put"];
  /** Enabled ones for events of that kind, and for all: own and shared, by priority, then id, the highest first. */
  listEnabledForEvent(kind: string, request?: PageRequest): Promise<Page<Stored<typeof rules>>>;
  /** Those that name the channel, enabled or not: own and shared, by id. */
  listUsingChannel(channelId: string, request?: PageRequest): Promise<Page<Stored<typeof rules>>>;
}
