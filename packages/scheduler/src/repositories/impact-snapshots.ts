import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { impactSnapshots } from "../aggregates.ts";
import type { Selector } from "../domain/selector.ts";

export interface Impact {
  /** Of the snapshot, where the run has none yet. */
  readonly id: string;
  readonly runId: string;
  readonly selector: Selector;
  readonly imageDigests: readonly string[];
  readonly usageOnly: boolean;
  readonly at: Date;
}

/** Which images a run is about; one snapshot a run. */
export interface ImpactSnapshots extends Reader<typeof impactSnapshots> {
  /**
   * Makes the snapshot of the run this one. The selector is normalised, images are counted and kept once each; what says the same as before (by its
   * digest) writes nothing. Of several at once the last stays.
   * @throws `VALUE_…`, among them `VALUE_TOO_LARGE` (data), `REVISION_CONFLICT` (conflict) when the id is another snapshot's
   */
  putForRun(impact: Impact): Promise<Stored<typeof impactSnapshots>>;
  /** The tenant's own snapshot of that run, else the shared one, else null. */
  findByRun(runId: string): Promise<Stored<typeof impactSnapshots> | null>;
  /** The images of that run's snapshot in the order of their bytes, page by page; of a run without one nothing. */
  images(runId: string, request?: PageRequest): Promise<Page<string>>;
}
