import { normalisePart, revisionOf } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { sourceStates } from "../aggregates.ts";
import type { Advance, Failure, SourceStates } from "../repositories/source-states.ts";
import type { DB, JsonValue } from "./generated/database.ts";

const { change, byKey, whole, ...verbs } = table<DB, "source_states", typeof sourceStates>(sourceStates);

const ofSource = byKey<{ sourceId: string }>("sourceId");

const advance = change<{ sourceId: string; expected: bigint; cursor: string; at: Date }>()(
  (db, { tenant, sourceId, expected, cursor, at }) =>
    db
      .updateTable("source_states")
      .set(({ eb }) => ({
        cursor: sql<JsonValue>`${cursor}::jsonb`,
        last_success_at: at,
        last_error: null,
        failures: "0",
        backoff_until: null,
        updated_at: at,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where("source_id", "=", sourceId)
      .where(({ eb, ref }) => eb(ref("revision"), "=", sql<string>`${expected}`))
      .returning(whole),
);

const fail = change<{ sourceId: string; lastError: string | null; backoffUntil: Date | null; at: Date }>()(
  (db, { tenant, sourceId, lastError, backoffUntil, at }) =>
    db
      .updateTable("source_states")
      .set(({ eb }) => ({
        failures: eb("failures", "+", "1"),
        last_error: lastError,
        backoff_until: backoffUntil,
        updated_at: at,
        revision: eb("revision", "+", "1"),
      }))
      .where("tenant_id", "=", tenant)
      .where("source_id", "=", sourceId)
      .returning(whole),
);

export class PostgresSourceStates extends PostgresRepository<typeof sourceStates> implements SourceStates {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findBySource(sourceId: string) {
    return this.first(ofSource, normalisePart(sourceStates, { sourceId }));
  }

  async advanceCursor({ sourceId, expected, cursor, at }: Advance) {
    revisionOf(expected);
    const clean = normalisePart(sourceStates, { sourceId, cursor, updatedAt: at });
    const params = { sourceId, expected, cursor: JSON.stringify(clean.cursor), at };
    return (await this.change(advance, params))[0] ?? null;
  }

  async recordFailure({ sourceId, error, backoffUntil, at }: Failure) {
    const { lastError } = normalisePart(sourceStates, { sourceId, lastError: error, backoffUntil, updatedAt: at });
    return (await this.change(fail, { sourceId, lastError, backoffUntil, at }))[0] ?? null;
  }
}
