import { normaliseKey } from "@stellaops/kernel";
import { MongoJobs, table, type Unit } from "@stellaops/mongo";
import { policyJobs, policyQueue } from "../aggregates.ts";
import { movedPolicyJob, queuedPolicyJob } from "../domain/policy-jobs.ts";
import type { Enqueue, PolicyJobs, PolicyTransition } from "../repositories/policy-jobs.ts";

const verbs = table(policyJobs);

export class MongoPolicyJobs extends MongoJobs<typeof policyJobs> implements PolicyJobs {
  constructor(unit: Unit) {
    super(unit, verbs, policyQueue);
  }

  async enqueue(enqueue: Enqueue) {
    const job = queuedPolicyJob(enqueue);
    const { one, created } = await this.createOnce(job, { runId: job.runId });
    return { job: one, created };
  }

  async findByRun(runId: string) {
    return this.first(normaliseKey(policyJobs, { runId }));
  }

  async transition(transition: PolicyTransition) {
    return this.changeOne(movedPolicyJob(transition));
  }
}
