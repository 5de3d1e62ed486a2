import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { onCallSchedules } from "../aggregates.ts";
import { maxOverrides } from "../domain/on-call-form.ts";
import { cleanAddition, cleanAsked, nowOnCall, tooManyOverrides } from "../domain/on-call-schedules.ts";
import type { OnCallSchedules, OverrideAddition } from "../repositories/on-call-schedules.ts";
import type { DB } from "./generated/database.ts";

const { change, whole, ...verbs } = table<DB, "on_call_schedules", typeof onCallSchedules>(onCallSchedules);

const added = change<{ id: string; override: string; at: Date }>()((db, { tenant, id, override, at }) =>
  db
    .updateTable("on_call_schedules")
    .set(({ eb }) => ({
      overrides: sql<string>`overrides || jsonb_build_array(${override}::jsonb)`,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("id", "=", id)
    .where(sql<boolean>`jsonb_array_length(overrides) < ${sql.lit(maxOverrides)}`)
    .returning(whole),
);

export class PostgresOnCallSchedules extends PostgresRepository<typeof onCallSchedules> implements OnCallSchedules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async onCallAt(scheduleId: string, at: Date) {
    const schedule = await this.get(cleanAsked(scheduleId, at).id);
    return schedule === null ? null : nowOnCall(schedule, at);
  }

  async addOverride(addition: OverrideAddition) {
    const { id, override, at } = cleanAddition(addition);
    const [changed] = await this.change(added, { id, override: JSON.stringify(override), at });
    if (changed !== undefined) return changed;
    if ((await this.ownBy({ id })) === null) return null;
    throw tooManyOverrides(id);
  }
}
