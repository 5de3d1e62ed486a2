import { normaliseKey } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { revocations } from "../aggregates.ts";
import { maxActive, revocationList } from "../domain/revocation-list.ts";
import type { Revocations } from "../repositories/revocations.ts";

const verbs = table(revocations);

export class MongoRevocations extends MongoRepository<typeof revocations> implements Revocations {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(at: Date) {
    normaliseKey(revocations, { effectiveAt: at });
    const active = { effectiveAt: { $lte: at }, $or: [{ expiresAt: null }, { expiresAt: { $gt: at } }] };
    return revocationList(await this.visible(active, maxActive + 1));
  }
}
