import type { PageRequest } from "@stellaops/kernel";
import { PostgresSoftRepository, table, type Unit } from "@stellaops/postgres";
import { schedules, type Schedule } from "../aggregates.ts";
import { followable } from "../domain/schedules.ts";
import type { Schedules } from "../repositories/schedules.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "schedules", typeof schedules>(schedules);

const enabled = list<object>()("listEnabled", {
  order: ["name"],
  where: (query) => query.where("schedules.enabled", "=", true).where("schedules.deleted_at", "is", null),
});

export class PostgresSchedules extends PostgresSoftRepository<typeof schedules> implements Schedules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(schedule: Schedule, expected: bigint) {
    return super.put(followable(schedule), expected);
  }

  async listEnabled(request: PageRequest = {}) {
    return this.page(enabled, {}, request);
  }
}
