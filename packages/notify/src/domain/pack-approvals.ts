import { dataError, normalise, normaliseKey } from "@stellaops/kernel";
import { packApprovals, type PackApproval } from "../aggregates.ts";
import type { ApprovalRequest, Decision } from "../repositories/pack-approvals.ts";

/** Normalised, so that what is wrong is refused also when one is pending. @throws `VALUE_…` (data) */
export const requestedApproval = ({ at, ...request }: ApprovalRequest): PackApproval =>
  normalise(packApprovals, {
    ...request,
    state: "pending",
    decidedBy: null,
    decidedAt: null,
    reason: null,
    createdAt: at,
    updatedAt: at,
  });

/** What a decision is guarded by and writes. @throws `VALUE_…` (data) */
export function decided({ id, state, by, reason, at }: Decision) {
  if (state !== "approved" && state !== "rejected")
    throw dataError("VALUE_CHOICE", "pack_approval: it is decided to approved or rejected", {
      details: { path: "state" },
    });
  const { decidedBy, decidedAt } = normaliseKey(packApprovals, { decidedBy: by, decidedAt: at });
  return {
    where: { id, state: "pending" as const },
    set: { state, decidedBy, decidedAt, reason, updatedAt: decidedAt },
  };
}
