import { normaliseKey, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { explanations, type Explanation } from "../aggregates.ts";
import type { Explanations } from "../repositories/explanations.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "explanations", typeof explanations>(explanations);

const ofRun = list<{ runId: string }>()("pageByRun", {
  order: ["ordinal"],
  where: (query, { runId }) => query.where("explanations.run_id", "=", runId),
});

export class PostgresExplanations extends PostgresRepository<typeof explanations> implements Explanations {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async appendBatch(batch: readonly Explanation[]) {
    await this.appendAll(batch, 1_000);
  }

  async pageByRun(id: string, request: PageRequest = {}) {
    return this.page(ofRun, normaliseKey(explanations, { runId: id }), request);
  }

  async purge(request: PurgeRequest) {
    return this.purgeOld(request);
  }
}
