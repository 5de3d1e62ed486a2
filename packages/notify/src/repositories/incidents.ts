import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { Incident, incidents } from "../aggregates.ts";

/** An event that belongs to an incident; id, title and severity are those of the incident where it opens one. */
export interface Correlation extends Pick<Incident, "id" | "correlationKey" | "title" | "severity"> {
  readonly at: Date;
}

export interface Correlated {
  readonly incident: Stored<typeof incidents>;
  /** False: one was open already, and has counted the event. */
  readonly created: boolean;
}

/** What many events are about; of one key one at most that is not resolved. */
export interface Incidents extends Reader<typeof incidents> {
  /**
   * Counts an event into the tenant's own incident of its key that is open or acknowledged, or opens one. However many do so at once, it is one
   * incident, and its count is exact. First and last seen are the earliest and the latest `at`, in whatever order events come.
   * @throws `VALUE_…` (data), also when one is open; `REVISION_CONFLICT` (conflict) when the id is another incident's
   */
  correlate(event: Correlation): Promise<Correlated>;
  /** Somebody works on it: from `open`. Null when it is in another status, or is not there. @throws `VALUE_…` (data) */
  acknowledge(id: string, at: Date): Promise<Stored<typeof incidents> | null>;
  /** It is over, and the next event of its key opens another. Null when it is resolved already, or is not there. @throws `VALUE_…` (data) */
  resolve(id: string, at: Date): Promise<Stored<typeof incidents> | null>;
  /** Newest first, then id descending. */
  listByStatus(status: Incident["status"], request?: PageRequest): Promise<Page<Stored<typeof incidents>>>;
}
