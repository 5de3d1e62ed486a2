import type { Page, PageRequest, Purging, Reader, Stored } from "@stellaops/kernel";
import type { ExecutionLog, executionLogs } from "../aggregates.ts";

/** What runs say while they run. Append-only; each line has a number of its own within its run. */
export interface ExecutionLogs extends Reader<typeof executionLogs>, Purging {
  /**
   * All or none; at most 1,000. Numbers are 1 or more.
   * @throws `REVISION_CONFLICT` (conflict) when an id is there already, `UNIQUE_VIOLATION` (integrity) on uq_execution_logs_run_id_sequence,
   * `BATCH_DUPLICATE`, `BATCH_TOO_LARGE`, `VALUE_…` (data)
   */
  append(lines: readonly ExecutionLog[]): Promise<void>;
  /** The lines of a run whose number is above `after`, by number. Pass 0n for all: numbers begin with 1. */
  tail(runId: string, after: bigint, request?: PageRequest): Promise<Page<Stored<typeof executionLogs>>>;
}
