import { normalisePart, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { sources } from "../aggregates.ts";
import type { Sources } from "../repositories/sources.ts";

const verbs = table(sources);

const enabled = verbs.list("listEnabled", { order: ["priority", "key"] });

export class MongoSources extends MongoRepository<typeof sources> implements Sources {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByKey(key: string) {
    return this.first(normalisePart(sources, { key }));
  }

  listEnabled(request: PageRequest = {}) {
    return this.page(enabled, {}, { enabled: true }, request);
  }
}
