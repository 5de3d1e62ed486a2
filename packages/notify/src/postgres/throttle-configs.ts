import { normaliseKey } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { throttleConfigs, type ThrottleConfig } from "../aggregates.ts";
import { cleanConsumption, consumed, hasRoom, limitedBy, relimited } from "../domain/throttle-configs.ts";
import type { Consumption, ThrottleConfigs, ThrottleLimit } from "../repositories/throttle-configs.ts";
import type { DB } from "./generated/database.ts";

const { change, byKey, whole, ...verbs } = table<DB, "throttle_configs", typeof throttleConfigs>(throttleConfigs);

const ofScope = byKey<{ scopeKind: string; scopeId: string }>("scopeKind", "scopeId");

/** `events + n` could leave the range of the column; `max_events - n` cannot. */
const consume = change<Consumption>()((db, { tenant, scopeKind, scopeId, n, at }) => {
  const over = sql<boolean>`(window_start is null or ${at}::timestamptz >= window_start + window_seconds * interval '1 second')`;
  const since = sql`mod((extract(epoch from ${at}::timestamptz - window_start) * 1000)::bigint, window_seconds::bigint * 1000)`;
  return db
    .updateTable("throttle_configs")
    .set(({ eb }) => ({
      window_start: sql<Date>`case when window_start is null then ${at}::timestamptz when ${over} then ${at}::timestamptz - ${since} * interval '1 millisecond' else window_start end`,
      events: sql<string>`case when ${over} then ${n}::bigint else events + ${n}::bigint end`,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("scope_kind", "=", scopeKind)
    .where("scope_id", "=", scopeId)
    .where(sql<boolean>`max_events >= ${n}::bigint`)
    .where(sql<boolean>`(${over} or events <= max_events - ${n}::bigint)`)
    .returning(whole);
});

export class PostgresThrottleConfigs extends PostgresRepository<typeof throttleConfigs> implements ThrottleConfigs {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async configure(limit: ThrottleLimit) {
    const config = limitedBy(limit);
    return (await this.changeOne(relimited(config))) ?? this.createOne(config);
  }

  async tryConsume(consumption: Consumption) {
    const { scopeKind, scopeId, n, at } = cleanConsumption(consumption);
    // Each further turn means that another began a window meanwhile.
    for (;;) {
      const [taken] = await this.change(consume, { scopeKind, scopeId, n, at });
      if (taken !== undefined) return consumed(true, taken, at);
      const there = await this.ownBy({ scopeKind, scopeId });
      if (there === null) return null;
      if (!hasRoom(there, n, at)) return consumed(false, there, at);
    }
  }

  async findByScope(scopeKind: ThrottleConfig["scopeKind"], scopeId: string) {
    return this.first(ofScope, normaliseKey(throttleConfigs, { scopeKind, scopeId }));
  }
}
