import { normaliseKey, type PageRequest, type PurgeRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { explanations, type Explanation } from "../aggregates.ts";
import type { Explanations } from "../repositories/explanations.ts";

const verbs = table(explanations);

const ofRun = verbs.list("pageByRun", { order: ["ordinal"] });

export class MongoExplanations extends MongoRepository<typeof explanations> implements Explanations {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async appendBatch(batch: readonly Explanation[]) {
    await this.appendAll(batch, 1_000);
  }

  async pageByRun(id: string, request: PageRequest = {}) {
    const { runId } = normaliseKey(explanations, { runId: id });
    return this.page(ofRun, { runId }, { runId }, request);
  }

  async purge(request: PurgeRequest) {
    return this.purgeOld(request);
  }
}
