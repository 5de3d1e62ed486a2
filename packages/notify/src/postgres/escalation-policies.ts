import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { escalationPolicies, type EscalationPolicy } from "../aggregates.ts";
import { cleanEscalationPolicy } from "../domain/escalation-policies.ts";
import type { EscalationPolicies } from "../repositories/escalation-policies.ts";
import type { DB } from "./generated/database.ts";

const verbs = table<DB, "escalation_policies", typeof escalationPolicies>(escalationPolicies);

export class PostgresEscalationPolicies
  extends PostgresRepository<typeof escalationPolicies>
  implements EscalationPolicies
{
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(policy: EscalationPolicy, expected: bigint) {
    return super.put(cleanEscalationPolicy(policy), expected);
  }
}
