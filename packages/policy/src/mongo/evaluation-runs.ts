import type { PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { evaluationRuns } from "../aggregates.ts";
import { ended, sameInputs, startedRun } from "../domain/evaluation-runs.ts";
import type { EvaluationInputs } from "../domain/hashes.ts";
import type { Completion, EvaluationRuns, EvaluationStart } from "../repositories/evaluation-runs.ts";

const verbs = table(evaluationRuns);

const ofInputs = verbs.list("listSame", { order: ["startedAt"], direction: "desc" });

export class MongoEvaluationRuns extends MongoRepository<typeof evaluationRuns> implements EvaluationRuns {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async start(start: EvaluationStart) {
    return this.createOne(startedRun(start));
  }

  async complete(completion: Completion) {
    return this.changeOne(ended(completion));
  }

  async listSame(inputs: EvaluationInputs, request: PageRequest = {}) {
    const hash = sameInputs(inputs);
    return this.page<{ readonly determinismHash: string }>(ofInputs, { hash }, { determinismHash: hash }, request);
  }
}
