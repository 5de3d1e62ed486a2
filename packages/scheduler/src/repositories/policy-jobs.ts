import type { Jobs, Reader, Stored } from "@stellaops/kernel";
import type { PolicyJob, policyJobs } from "../aggregates.ts";
import type { PolicyJobStatus } from "../domain/policy-states.ts";

export interface Enqueue extends Pick<PolicyJob, "id" | "runId" | "mode" | "priority" | "inputs"> {
  /** Not claimed before; `at` when left out. */
  readonly availableAt?: Date;
  readonly at: Date;
}

export interface Enqueued {
  readonly job: Stored<typeof policyJobs>;
  /** False: the run had a job already, which is as it was. */
  readonly created: boolean;
}

export interface PolicyTransition {
  readonly id: string;
  /** The status it was read in. */
  readonly from: PolicyJobStatus;
  readonly to: PolicyJobStatus;
  readonly at: Date;
}

/** Evaluations of policy, one job a run. Emergencies before high before normal, and of one priority whoever is due longest. */
export interface PolicyJobs extends Jobs<typeof policyJobs>, Reader<typeof policyJobs> {
  /**
   * Asks for a job. The run is the idempotency key: whoever comes second, also at once, is given the job that is there.
   * Inputs are kept in canonical form.
   * @throws `VALUE_…` (data), also when the job is there already; `REVISION_CONFLICT` (conflict) when the id is another job's
   */
  enqueue(job: Enqueue): Promise<Enqueued>;
  /** The tenant's own job of that run, else the shared one, else null. */
  findByRun(runId: string): Promise<Stored<typeof policyJobs> | null>;
  /**
   * Moves no claim makes, as compare and set: cancelling, asking for a replay of what has ended, queueing it again. A claim of the job is void from
   * then on. Null when it is in another status by now, or is not there.
   * @throws `JOB_TRANSITION` (conflict) when a job never makes such a move without a claim, `VALUE_…` (data)
   */
  transition(transition: PolicyTransition): Promise<Stored<typeof policyJobs> | null>;
}
