import { normalisePart, revisionOf } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { sourceStates } from "../aggregates.ts";
import type { Advance, Failure, SourceStates } from "../repositories/source-states.ts";

const verbs = table(sourceStates);

export class MongoSourceStates extends MongoRepository<typeof sourceStates> implements SourceStates {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findBySource(sourceId: string) {
    return this.first(normalisePart(sourceStates, { sourceId }));
  }

  async advanceCursor({ sourceId, expected, cursor, at }: Advance) {
    revisionOf(expected);
    const clean = normalisePart(sourceStates, { sourceId, cursor, updatedAt: at });
    const cleared = { lastSuccessAt: at, lastError: null, failures: 0n, backoffUntil: null, updatedAt: at };
    return this.change({ sourceId, revision: expected }, { $set: { cursor: clean.cursor, ...cleared } });
  }

  async recordFailure({ sourceId, error, backoffUntil, at }: Failure) {
    const { lastError } = normalisePart(sourceStates, { sourceId, lastError: error, backoffUntil, updatedAt: at });
    return this.change({ sourceId }, { $set: { lastError, backoffUntil, updatedAt: at }, $inc: { failures: 1n } });
  }
}
