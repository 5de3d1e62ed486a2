import { canonicalJson, normalise, unclaimed, type Json } from "@stellaops/kernel";
import { policyJobs, type PolicyJob } from "../aggregates.ts";
import type { Enqueue, PolicyTransition } from "../repositories/policy-jobs.ts";
import { refusePolicyMove } from "./policy-states.ts";

/**
 * Inputs in canonical form: jobs of equal inputs are equal, whoever wrote them. Normalised here, so that what is wrong is refused also when
 * the job is there already. @throws `VALUE_…` (data)
 */
export function queuedPolicyJob({ availableAt, at, ...job }: Enqueue): PolicyJob {
  const clean = normalise(policyJobs, {
    ...job,
    status: "queued",
    availableAt: availableAt ?? at,
    attempts: 0n,
    lastError: null,
    ...unclaimed,
    createdAt: at,
    updatedAt: at,
  });
  return { ...clean, inputs: JSON.parse(canonicalJson(clean.inputs as Json)) as Json };
}

/** What a move without a claim is guarded by and writes. @throws `JOB_TRANSITION` (conflict), `VALUE_CHOICE` (data) */
export function movedPolicyJob({ id, from, to, at }: PolicyTransition) {
  refusePolicyMove({ from, to });
  return {
    where: { id, status: from },
    set: { status: to, ...unclaimed, ...(to === "queued" ? { availableAt: at } : {}), updatedAt: at },
  };
}
