import { normaliseKey, type ClaimRef, type ClaimRequest } from "@stellaops/kernel";
import { PostgresClaims, table, type Unit } from "@stellaops/postgres";
import { escalationQueue, escalationStates } from "../aggregates.ts";
import { advanced, cleanAck, resolvedEscalation, startedEscalation, takenToken } from "../domain/escalation-states.ts";
import type { Advance, EscalationStart, EscalationStates } from "../repositories/escalation-states.ts";
import type { DB } from "./generated/database.ts";

const { change, byKey, whole, ...verbs } = table<DB, "escalation_states", typeof escalationStates>(escalationStates);

const ofIncident = byKey<{ incidentId: string; status: string }>("incidentId", "status");

const acknowledge = change<{ tokenHash: string; at: Date }>()((db, { tenant, tokenHash, at }) =>
  db
    .updateTable("escalation_states")
    .set(({ eb }) => ({
      status: "acknowledged",
      next_at: null,
      ack_token_hash: null,
      ack_expires_at: null,
      lease_holder: null,
      lease_until: null,
      claim_id: null,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("ack_token_hash", "=", tokenHash)
    .where("status", "=", "active")
    .where("ack_expires_at", ">", at)
    .returning(whole),
);

export class PostgresEscalationStates extends PostgresClaims<typeof escalationStates> implements EscalationStates {
  constructor(unit: Unit) {
    super(unit, verbs, escalationQueue);
  }

  async start(start: EscalationStart) {
    const state = startedEscalation(start);
    const { incidentId, status } = state;
    const { one, created } = await this.createOnce(state, { incidentId, status }).catch(takenToken);
    return { state: one, created };
  }

  async claimDue(request: ClaimRequest) {
    return this.take(request);
  }

  async advance(ref: ClaimRef, advance: Advance) {
    return this.settle(ref, advance.at, advanced(advance));
  }

  async acknowledge(ack: { readonly tokenHash: string; readonly at: Date }) {
    return (await this.change(acknowledge, cleanAck(ack)))[0] ?? null;
  }

  async resolve(id: string, at: Date) {
    return this.changeOne(resolvedEscalation(id, at));
  }

  async findActive(incidentId: string) {
    return this.first(ofIncident, normaliseKey(escalationStates, { incidentId, status: "active" }));
  }
}
