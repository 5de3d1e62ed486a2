import type { Page, PageRequest, Purging, Reader, Stored } from "@stellaops/kernel";
import type { Explanation, explanations } from "../aggregates.ts";

/** Why components got their verdicts. Append-only; purged when they are old. */
export interface Explanations extends Reader<typeof explanations>, Purging {
  /** All or none; at most 1,000. @throws `BATCH_TOO_LARGE`, `BATCH_DUPLICATE` (data), `REVISION_CONFLICT` when an id is there already */
  appendBatch(batch: readonly Explanation[]): Promise<void>;
  /** Those of a run by `ordinal`, then id. */
  pageByRun(runId: string, request?: PageRequest): Promise<Page<Stored<typeof explanations>>>;
}
