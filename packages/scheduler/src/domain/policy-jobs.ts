import { canonicalJson, normalisePart, type Json } from "@stellaops/kernel";
import { policyJobs, type PolicyJob } from "../aggregates.ts";
import type { Enqueue, PolicyTransition } from "../repositories/policy-jobs.ts";
import { unclaimed } from "./leases.ts";
import { refusePolicyMove } from "./policy-states.ts";

/** Inputs in canonical form: jobs of equal inputs are equal, whoever wrote them. */
export function queuedPolicyJob({ availableAt, at, ...job }: Enqueue): PolicyJob {
  const { inputs } = normalisePart(policyJobs, { inputs: job.inputs });
  return {
    ...job,
    inputs: JSON.parse(canonicalJson(inputs as Json)) as Json,
    status: "queued",
    availableAt: availableAt ?? at,
    attempts: 0n,
    lastError: null,
    ...unclaimed,
    createdAt: at,
    updatedAt: at,
  };
}

/** What a move without a claim is guarded by and writes. @throws `JOB_TRANSITION` (conflict) */
export function movedPolicyJob({ id, from, to, at }: PolicyTransition) {
  refusePolicyMove({ from, to });
  return {
    where: { id, status: from },
    set: { status: to, ...unclaimed, ...(to === "queued" ? { availableAt: at } : {}), updatedAt: at },
  };
}
