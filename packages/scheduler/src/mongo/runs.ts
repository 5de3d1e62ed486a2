import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { runs } from "../aggregates.ts";
import type { RunState } from "../domain/run-states.ts";
import { moved, startedRun, summarised } from "../domain/runs.ts";
import type { Runs, RunStart, Transition } from "../repositories/runs.ts";

const verbs = table(runs);

const newest = { order: ["createdAt"], direction: "desc" } as const;

const inState = verbs.list("listByState", newest);
const ofSchedule = verbs.list("listBySchedule", newest);
const ofDeltas = verbs.list("listDeltas", newest);
/** What `finding_count` is generated from: a number that is a count, of 1 or more; not one of several in an array. */
const plain = { $not: { $type: "array" } };
const found = { stats: plain, "stats.findingCount": { $gte: 1, $lte: Number.MAX_SAFE_INTEGER, ...plain } };

export class MongoRuns extends MongoRepository<typeof runs> implements Runs {
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
    return this.page(inState, { state }, { state }, request);
  }

  async listBySchedule(id: string, request: PageRequest = {}) {
    const { scheduleId } = normaliseKey(runs, { scheduleId: id });
    return this.page(ofSchedule, { scheduleId }, { scheduleId }, request);
  }

  async listDeltas(kind: "advisory_delta" | "vex_delta", request: PageRequest = {}) {
    const { triggerKind } = normaliseKey(runs, { triggerKind: kind });
    return this.page<{ readonly "stats.findingCount": object }>(
      ofDeltas,
      { triggerKind },
      { triggerKind, ...found },
      request,
    );
  }
}
