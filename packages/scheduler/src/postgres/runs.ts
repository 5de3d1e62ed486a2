import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { runs } from "../aggregates.ts";
import type { RunState } from "../domain/run-states.ts";
import { moved, startedRun, summarised } from "../domain/runs.ts";
import type { Runs, RunStart, Transition } from "../repositories/runs.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "runs", typeof runs>(runs);

const newest = { order: ["createdAt"], direction: "desc" } as const;

const inState = list<{ state: RunState }>()("listByState", {
  ...newest,
  where: (query, { state }) => query.where("runs.state", "=", state),
});

const ofSchedule = list<{ scheduleId: string }>()("listBySchedule", {
  ...newest,
  where: (query, { scheduleId }) => query.where("runs.schedule_id", "=", scheduleId),
});

const ofDeltas = list<{ triggerKind: string }>()("listDeltas", {
  ...newest,
  where: (query, { triggerKind }) =>
    query.where("runs.trigger_kind", "=", triggerKind).where("runs.finding_count", ">=", sql.lit("1")),
});

export class PostgresRuns extends PostgresRepository<typeof runs> implements Runs {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async start(start: RunStart) {
    const run = startedRun(start);
    const { scheduleId, fireAt } = run;
    const key = scheduleId === null || fireAt === null ? null : { scheduleId, fireAt };
    const { one, created } = await this.createOnce(run, key);
    return { run: one, created };
  }

  async transition(transition: Transition) {
    return this.changeOne(moved(transition));
  }

  /** Marks a run as counted; null when it was already, has not ended, or has no schedule. Of concurrent callers one wins. */
  async summarise(id: string, at: Date) {
    return this.changeOne(summarised(id, at));
  }

  async listByState(given: RunState, request: PageRequest = {}) {
    const { state } = normaliseKey(runs, { state: given });
    return this.page(inState, { state }, request);
  }

  async listBySchedule(id: string, request: PageRequest = {}) {
    const { scheduleId } = normaliseKey(runs, { scheduleId: id });
    return this.page(ofSchedule, { scheduleId }, request);
  }

  async listDeltas(kind: "advisory_delta" | "vex_delta", request: PageRequest = {}) {
    const { triggerKind } = normaliseKey(runs, { triggerKind: kind });
    return this.page(ofDeltas, { triggerKind }, request);
  }
}
