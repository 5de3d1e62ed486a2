import type { Repository } from "@stellaops/kernel";
import type { escalationPolicies } from "../aggregates.ts";

/** Who is told next when nobody answers. */
export interface EscalationPolicies extends Repository<typeof escalationPolicies> {
  /** As every `put`; the channels of a stage are stored sorted. @throws also `ESCALATION_STAGES`, `VALUE_OUT_OF_RANGE` (data) */
  put: Repository<typeof escalationPolicies>["put"];
}
