import { refuseIllegalMove, type Move, type Moves } from "@stellaops/kernel";

export const policyStatuses = ["queued", "running", "succeeded", "failed", "canceled", "replay_pending"] as const;
export type PolicyJobStatus = (typeof policyStatuses)[number];

/** The moves that need no claim; a claim alone makes one `running`, and its holder alone `succeeded` or `failed`. */
const moves: Moves<PolicyJobStatus> = {
  queued: ["canceled"],
  running: ["canceled"],
  succeeded: ["replay_pending"],
  failed: ["replay_pending"],
  canceled: ["replay_pending"],
  replay_pending: ["queued", "canceled"],
};

/** @throws `JOB_TRANSITION` (conflict) */
export const refusePolicyMove = (move: Move<PolicyJobStatus>): void =>
  refuseIllegalMove(moves, move, { code: "JOB_TRANSITION", one: "policy job" });
