import type { PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { evaluationRuns } from "../aggregates.ts";
import { ended, sameInputs, startedRun } from "../domain/evaluation-runs.ts";
import type { EvaluationInputs } from "../domain/hashes.ts";
import type { Completion, EvaluationRuns, EvaluationStart } from "../repositories/evaluation-runs.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "evaluation_runs", typeof evaluationRuns>(evaluationRuns);

const ofInputs = list<{ hash: string }>()("listSame", {
  order: ["startedAt"],
  direction: "desc",
  where: (query, { hash }) => query.where("evaluation_runs.determinism_hash", "=", hash),
});

export class PostgresEvaluationRuns extends PostgresRepository<typeof evaluationRuns> implements EvaluationRuns {
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
    return this.page(ofInputs, { hash: sameInputs(inputs) }, request);
  }
}
