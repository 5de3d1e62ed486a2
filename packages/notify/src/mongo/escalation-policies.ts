import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { escalationPolicies, type EscalationPolicy } from "../aggregates.ts";
import { cleanEscalationPolicy } from "../domain/escalation-policies.ts";
import type { EscalationPolicies } from "../repositories/escalation-policies.ts";

const verbs = table(escalationPolicies);

export class MongoEscalationPolicies extends MongoRepository<typeof escalationPolicies> implements EscalationPolicies {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(policy: EscalationPolicy, expected: bigint) {
    return super.put(cleanEscalationPolicy(policy), expected);
  }
}
