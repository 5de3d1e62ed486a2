import { normaliseKey, type ClaimRef, type ClaimRequest } from "@stellaops/kernel";
import { PostgresClaims, table, type Unit } from "@stellaops/postgres";
import { triggerQueue, triggers } from "../aggregates.ts";
import type { Firing } from "../domain/firing.ts";
import { advanced, armedTrigger, rearmed } from "../domain/triggers.ts";
import type { Arming, Triggers } from "../repositories/triggers.ts";
import type { DB } from "./generated/database.ts";

const { byKey, ...verbs } = table<DB, "triggers", typeof triggers>(triggers);

const ofSchedule = byKey<{ scheduleId: string }>("scheduleId");

export class PostgresTriggers extends PostgresClaims<typeof triggers> implements Triggers {
  constructor(unit: Unit) {
    super(unit, verbs, triggerQueue);
  }

  async findBySchedule(scheduleId: string) {
    return this.first(ofSchedule, normaliseKey(triggers, { scheduleId }));
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
