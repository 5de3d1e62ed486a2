import { dataError, normalise } from "@stellaops/kernel";
import { escalationPolicies, type EscalationPolicy } from "../aggregates.ts";
import { stagesOf } from "./escalation.ts";

/** @throws `VALUE_…`, `ESCALATION_STAGES` (data) */
export function cleanEscalationPolicy(policy: EscalationPolicy): EscalationPolicy {
  const clean = normalise(escalationPolicies, policy);
  if (clean.autoCloseMinutes !== null && clean.autoCloseMinutes < 1)
    throw dataError("VALUE_OUT_OF_RANGE", "escalation_policy: autoCloseMinutes is 1 or more, or null for never", {
      details: { path: "autoCloseMinutes" },
    });
  const stages = stagesOf(clean).map(({ delaySeconds, channelIds }) => ({ delaySeconds, channelIds }));
  return { ...clean, stages };
}
