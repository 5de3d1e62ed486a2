import { normalisePart, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sources } from "../aggregates.ts";
import type { Sources } from "../repositories/sources.ts";
import type { DB } from "./generated/database.ts";

const { list, byKey, ...verbs } = table<DB, "sources", typeof sources>(sources);

const ofKey = byKey<{ key: string }>("key");

const enabled = list<object>()("listEnabled", {
  order: ["priority", "key"],
  where: (query) => query.where("sources.enabled", "=", true),
});

export class PostgresSources extends PostgresRepository<typeof sources> implements Sources {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByKey(key: string) {
    return this.first(ofKey, normalisePart(sources, { key }));
  }

  listEnabled(request: PageRequest = {}) {
    return this.page(enabled, {}, request);
  }
}
