import { normaliseKey } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { quietHours } from "../aggregates.ts";
import { activeQuietHours, maxQuietHours } from "../domain/quiet-hours.ts";
import type { QuietHoursRules } from "../repositories/quiet-hours.ts";
import type { DB } from "./generated/database.ts";

const { statement, whole, ...verbs } = table<DB, "quiet_hours", typeof quietHours>(quietHours);

const enabled = statement<{ limit: number }>()((db, { tenant, limit }) =>
  db
    .selectFrom("quiet_hours")
    .select(whole)
    .where(sql<boolean>`tenant_id in (${tenant}, '@global')`)
    .where("enabled", "=", true)
    .limit(limit),
);

export class PostgresQuietHours extends PostgresRepository<typeof quietHours> implements QuietHoursRules {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(at: Date) {
    normaliseKey(quietHours, { updatedAt: at });
    return activeQuietHours(await this.many(enabled, { limit: maxQuietHours + 1 }), at);
  }
}
