import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { MergeEvent, mergeEvents } from "../aggregates.ts";

/** How advisories came to be what they are. Append-only. */
export interface MergeEvents extends Reader<typeof mergeEvents> {
  /** All or none; at most 1,000. @throws `REVISION_CONFLICT` when an id is there already */
  append(events: readonly MergeEvent[]): Promise<void>;
  /** By `mergedAt`, then id. */
  listByAdvisory(advisoryKey: string, request?: PageRequest): Promise<Page<Stored<typeof mergeEvents>>>;
}
