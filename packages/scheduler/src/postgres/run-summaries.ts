import { normaliseKey } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { runSummaries } from "../aggregates.ts";
import { countedFor, endedOf, firstSummary, maxFindings, type Ended } from "../domain/run-summaries.ts";
import type { RunSummaries } from "../repositories/run-summaries.ts";
import type { DB, JsonValue } from "./generated/database.ts";
import { PostgresRuns } from "./runs.ts";

const { change, byKey, whole, ...verbs } = table<DB, "run_summaries", typeof runSummaries>(runSummaries);

const ofSchedule = byKey<{ scheduleId: string }>("scheduleId");

interface Counting extends Ended {
  readonly failed: number;
  readonly completedAt: Date | null;
  readonly at: Date;
}
const count = change<Counting>()((
  db,
  { tenant, scheduleId, runId, state, finishedAt, completedAt, failed, findings, at },
) => {
  const latest = sql<boolean>`coalesce((last_finished_at, last_run_id) < (${finishedAt}::timestamptz, ${runId}::uuid), true)`;
  const counted = sql`coalesce((counters ->> ${state}::text)::bigint, 0) + 1`;
  const found = sql`least(coalesce((counters ->> 'findings')::bigint, 0) + ${findings}::bigint, ${maxFindings}::bigint)`;
  return db
    .updateTable("run_summaries")
    .set(({ eb }) => ({
      last_run_id: sql<string>`case when ${latest} then ${runId}::uuid else last_run_id end`,
      last_state: sql<string>`case when ${latest} then ${state}::text else last_state end`,
      last_finished_at: sql<Date>`case when ${latest} then ${finishedAt}::timestamptz else last_finished_at end`,
      last_completed_at: sql<Date>`greatest(last_completed_at, ${completedAt}::timestamptz)`,
      runs: eb("runs", "+", "1"),
      failures: sql<string>`failures + ${failed}::bigint`,
      counters: sql<JsonValue>`counters || jsonb_build_object(${state}::text, ${counted}, 'findings', ${found})`,
      updated_at: at,
      revision: eb("revision", "+", "1"),
    }))
    .where("tenant_id", "=", tenant)
    .where("schedule_id", "=", scheduleId)
    .returning(whole);
});

export class PostgresRunSummaries extends PostgresRepository<typeof runSummaries> implements RunSummaries {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async project(runId: string, at: Date) {
    return this.atomically(async (repository) => {
      const runs = new PostgresRuns(repository.unit);
      const run = await runs.summarise(runId, at);
      if (run !== null) return repository.#count(endedOf(run), at);
      const scheduleId = countedFor(await runs.get(runId), this.unit.tenant);
      return scheduleId === null ? null : repository.ownBy({ scheduleId });
    });
  }

  async findBySchedule(scheduleId: string) {
    return this.first(ofSchedule, normaliseKey(runSummaries, { scheduleId }));
  }

  async #count(ended: Ended, at: Date) {
    const [failed, completedAt] = [
      ended.state === "failed" ? 1 : 0,
      ended.state === "completed" ? ended.finishedAt : null,
    ];
    const [counted] = await this.change(count, { ...ended, failed, completedAt, at });
    return counted ?? this.createOne(firstSummary(ended, at));
  }
}
