import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { runSummaries } from "../aggregates.ts";
import { countedFor, endedOf, firstSummary, maxFindings, type Ended } from "../domain/run-summaries.ts";
import type { RunSummaries } from "../repositories/run-summaries.ts";
import { MongoRuns } from "./runs.ts";

const verbs = table(runSummaries);

const count = ({ runId, state, finishedAt, findings }: Ended, at: Date) => {
  const sameInstant = { $and: [{ $eq: ["$lastFinishedAt", finishedAt] }, { $lt: ["$lastRunId", runId] }] };
  const latest = { $or: [{ $lt: ["$lastFinishedAt", finishedAt] }, sameInstant] };
  const more = (counter: string, by: number) => ({ $add: [{ $ifNull: [`$counters.${counter}`, 0] }, by] });
  const counters = { [state]: more(state, 1), findings: { $min: [more("findings", findings), maxFindings] } };
  return [
    {
      $set: {
        lastRunId: { $cond: [latest, runId, "$lastRunId"] },
        lastState: { $cond: [latest, state, "$lastState"] },
        lastFinishedAt: { $cond: [latest, finishedAt, "$lastFinishedAt"] },
        lastCompletedAt: state === "completed" ? { $max: ["$lastCompletedAt", finishedAt] } : "$lastCompletedAt",
        runs: { $add: ["$runs", 1n] },
        failures: { $add: ["$failures", state === "failed" ? 1n : 0n] },
        counters: { $mergeObjects: ["$counters", counters] },
        updatedAt: at,
      },
    },
  ];
};

export class MongoRunSummaries extends MongoRepository<typeof runSummaries> implements RunSummaries {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async project(runId: string, at: Date) {
    return this.atomically(async (repository) => {
      const runs = new MongoRuns(repository.unit);
      const run = await runs.summarise(runId, at);
      if (run !== null) return repository.#count(endedOf(run), at);
      const scheduleId = countedFor(await runs.get(runId), this.unit.tenant);
      return scheduleId === null ? null : repository.ownBy({ scheduleId });
    });
  }

  async findBySchedule(scheduleId: string) {
    return this.first(normaliseKey(runSummaries, { scheduleId }));
  }

  async #count(ended: Ended, at: Date) {
    const counted = await this.change({ scheduleId: ended.scheduleId }, count(ended, at));
    return counted ?? this.createOne(firstSummary(ended, at));
  }
}
