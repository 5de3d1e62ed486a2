import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { operatorOverrides } from "../aggregates.ts";
import type { OperatorOverrides } from "../repositories/operator-overrides.ts";

const verbs = table(operatorOverrides);

const active = verbs.list("listActive", { order: ["expiresAt"] });

export class MongoOperatorOverrides extends MongoRepository<typeof operatorOverrides> implements OperatorOverrides {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listActive(instant: Date, request: PageRequest = {}) {
    const at = normaliseKey(operatorOverrides, { expiresAt: instant }).expiresAt;
    return this.page(active, { at }, { expiresAt: { $gt: at } }, request);
  }
}
