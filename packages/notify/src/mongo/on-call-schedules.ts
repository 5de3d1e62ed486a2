import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { onCallSchedules } from "../aggregates.ts";
import { maxOverrides } from "../domain/on-call-form.ts";
import { cleanAddition, cleanAsked, nowOnCall, tooManyOverrides } from "../domain/on-call-schedules.ts";
import type { OnCallSchedules, OverrideAddition } from "../repositories/on-call-schedules.ts";

const verbs = table(onCallSchedules);

const room = { $expr: { $lt: [{ $size: "$overrides" }, maxOverrides] } };

export class MongoOnCallSchedules extends MongoRepository<typeof onCallSchedules> implements OnCallSchedules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async onCallAt(scheduleId: string, at: Date) {
    const schedule = await this.get(cleanAsked(scheduleId, at).id);
    return schedule === null ? null : nowOnCall(schedule, at);
  }

  async addOverride(addition: OverrideAddition) {
    const { id, override, at } = cleanAddition(addition);
    const overrides = { $concatArrays: ["$overrides", [{ $literal: override }]] };
    const changed = await this.change({ id, ...room }, [{ $set: { overrides, updatedAt: at } }]);
    if (changed !== null) return changed;
    if ((await this.ownBy({ id })) === null) return null;
    throw tooManyOverrides(id);
  }
}
