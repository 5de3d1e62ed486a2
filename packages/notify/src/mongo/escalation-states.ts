import { normaliseKey, type ClaimRef, type ClaimRequest } from "@stellaops/kernel";
import { MongoClaims, table, type Unit } from "@stellaops/mongo";
import { escalationQueue, escalationStates } from "../aggregates.ts";
import {
  acknowledgedEscalation,
  advanced,
  cleanAck,
  resolvedEscalation,
  startedEscalation,
  takenToken,
} from "../domain/escalation-states.ts";
import type { Advance, EscalationStart, EscalationStates } from "../repositories/escalation-states.ts";

const verbs = table(escalationStates);

export class MongoEscalationStates extends MongoClaims<typeof escalationStates> implements EscalationStates {
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
    const { tokenHash, at } = cleanAck(ack);
    const open = { ackTokenHash: tokenHash, status: "active", ackExpiresAt: { $gt: at } } as const;
    return this.change(open, { $set: acknowledgedEscalation(at) });
  }

  async resolve(id: string, at: Date) {
    return this.changeOne(resolvedEscalation(id, at));
  }

  async findActive(incidentId: string) {
    return this.first(normaliseKey(escalationStates, { incidentId, status: "active" }));
  }
}
