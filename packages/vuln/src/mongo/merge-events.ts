import { normalisePart, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { mergeEvents, type MergeEvent } from "../aggregates.ts";
import type { MergeEvents } from "../repositories/merge-events.ts";

const verbs = table(mergeEvents);

const ofAdvisory = verbs.list("listByAdvisory", { order: ["mergedAt"] });

export class MongoMergeEvents extends MongoRepository<typeof mergeEvents> implements MergeEvents {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  append(events: readonly MergeEvent[]) {
    return this.appendAll(events, 1_000);
  }

  async listByAdvisory(key: string, request: PageRequest = {}) {
    const { advisoryKey } = normalisePart(mergeEvents, { advisoryKey: key });
    return this.page(ofAdvisory, { advisoryKey }, { advisoryKey }, request);
  }
}
