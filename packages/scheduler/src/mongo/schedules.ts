import type { PageRequest } from "@stellaops/kernel";
import { MongoSoftRepository, table, type Unit } from "@stellaops/mongo";
import { schedules, type Schedule } from "../aggregates.ts";
import { followable } from "../domain/schedules.ts";
import type { Schedules } from "../repositories/schedules.ts";

const verbs = table(schedules);

const enabled = verbs.list("listEnabled", { order: ["name"] });

export class MongoSchedules extends MongoSoftRepository<typeof schedules> implements Schedules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(schedule: Schedule, expected: bigint) {
    return super.put(followable(schedule), expected);
  }

  async listEnabled(request: PageRequest = {}) {
    return this.page(enabled, {}, { enabled: true, deletedAt: null }, request);
  }
}
