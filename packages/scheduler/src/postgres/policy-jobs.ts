import { normaliseKey } from "@stellaops/kernel";
import { PostgresJobs, table, type Unit } from "@stellaops/postgres";
import { policyJobs, policyQueue } from "../aggregates.ts";
import { movedPolicyJob, queuedPolicyJob } from "../domain/policy-jobs.ts";
import type { Enqueue, PolicyJobs, PolicyTransition } from "../repositories/policy-jobs.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "policy_jobs", typeof policyJobs>(policyJobs);

const ofRun = byKey<{ runId: string }>("runId");

export class PostgresPolicyJobs extends PostgresJobs<typeof policyJobs> implements PolicyJobs {
  constructor(unit: Unit) {
    super(unit, verbs, policyQueue);
  }

  async enqueue(enqueue: Enqueue) {
    const job = queuedPolicyJob(enqueue);
    const { one, created } = await this.createOnce(job, { runId: job.runId });
    return { job: one, created };
  }

  async findByRun(runId: string) {
    return this.first(ofRun, normaliseKey(policyJobs, { runId }));
  }

  async transition(transition: PolicyTransition) {
    return this.changeOne(movedPolicyJob(transition));
  }
}
