import { normaliseKey, type ClaimRef, type ClaimRequest } from "@stellaops/kernel";
import { MongoClaims, table, type Unit } from "@stellaops/mongo";
import { triggerQueue, triggers } from "../aggregates.ts";
import type { Firing } from "../domain/firing.ts";
import { advanced, armedTrigger, rearmed } from "../domain/triggers.ts";
import type { Arming, Triggers } from "../repositories/triggers.ts";

const verbs = table(triggers);

export class MongoTriggers extends MongoClaims<typeof triggers> implements Triggers {
  constructor(unit: Unit) {
    super(unit, verbs, triggerQueue);
  }

  async findBySchedule(scheduleId: string) {
    return this.first(normaliseKey(triggers, { scheduleId }));
  }

  async arm(arming: Arming) {
    return (await this.changeOne(rearmed(arming))) ?? this.createOne(armedTrigger(arming));
  }

  async claimDue(request: ClaimRequest) {
    return this.take(request);
  }

  async advance(claim: ClaimRef, firing: Firing, at: Date) {
    return this.settle(claim, at, advanced(firing));
  }
}
