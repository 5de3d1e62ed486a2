import { normalisePart, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { mergeEvents, type MergeEvent } from "../aggregates.ts";
import type { MergeEvents } from "../repositories/merge-events.ts";
import type { DB } from "./generated/database.ts";

const { list, ...verbs } = table<DB, "merge_events", typeof mergeEvents>(mergeEvents);

const ofAdvisory = list<{ advisoryKey: string }>()("listByAdvisory", {
  order: ["mergedAt"],
  where: (query, { advisoryKey }) => query.where("merge_events.advisory_key", "=", advisoryKey),
});

export class PostgresMergeEvents extends PostgresRepository<typeof mergeEvents> implements MergeEvents {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  append(events: readonly MergeEvent[]) {
    return this.appendAll(events, 1_000);
  }

  async listByAdvisory(key: string, request: PageRequest = {}) {
    const { advisoryKey } = normalisePart(mergeEvents, { advisoryKey: key });
    return this.page(ofAdvisory, { advisoryKey }, request);
  }
}
