import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { EvaluationRun, evaluationRuns } from "../aggregates.ts";
import type { EvaluationInputs } from "../domain/hashes.ts";

export interface EvaluationStart extends EvaluationInputs {
  readonly id: string;
  readonly at: Date;
}

export interface Completion extends Pick<EvaluationRun, "id" | "passed" | "warned" | "blocked" | "ignored"> {
  readonly state: "completed" | "failed" | "canceled";
  /** Why it failed; null when left out. */
  readonly error?: string | null;
  readonly at: Date;
}

/** Evaluations: each begins running, and ends once. */
export interface EvaluationRuns extends Reader<typeof evaluationRuns> {
  /**
   * Begins an evaluation. Runs of equal inputs share their determinism hash; each is a run of its own.
   * @throws `VALUE_…` (data), `REVISION_CONFLICT` (conflict) when the id is there already
   */
  start(start: EvaluationStart): Promise<Stored<typeof evaluationRuns>>;
  /**
   * Ends a running evaluation with what it counted; of many at once one wins. Null when it has ended, or the tenant has none of that id.
   * @throws `EVALUATION_STATE` (conflict) for what is no end, `VALUE_OUT_OF_RANGE` for a count below 0, `VALUE_…` (data)
   */
  complete(completion: Completion): Promise<Stored<typeof evaluationRuns> | null>;
  /** Runs of the same inputs, the newest first, then id descending: what they found must be the same. */
  listSame(inputs: EvaluationInputs, request?: PageRequest): Promise<Page<Stored<typeof evaluationRuns>>>;
}
