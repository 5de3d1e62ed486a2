import type { Reader, Stored } from "@stellaops/kernel";
import type { runSummaries } from "../aggregates.ts";

/** What became of the runs of each schedule; one summary a schedule. */
export interface RunSummaries extends Reader<typeof runSummaries> {
  /**
   * Counts a run that has ended into the summary of its schedule, once, however often and by however many it is called. In whatever order runs are
   * counted, the summary is the same; the last run is the one that finished last, of two at one instant the one with the higher id.
   * The sum of findings stays at 2^53 - 1 once it is there.
   * Null where there is nothing to count: no own run of that id, or one without a schedule, or one that has not ended.
   */
  project(runId: string, at: Date): Promise<Stored<typeof runSummaries> | null>;
  /** The tenant's own summary of that schedule, else the shared one, else null. */
  findBySchedule(scheduleId: string): Promise<Stored<typeof runSummaries> | null>;
}
