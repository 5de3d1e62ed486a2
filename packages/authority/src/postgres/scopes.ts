import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { scopes } from "../aggregates.ts";
import { cleanResource } from "../domain/resources.ts";
import type { Scopes } from "../repositories/scopes.ts";
import type { DB } from "./generated/database.ts";

const { list, byKey, ...verbs } = table<DB, "scopes", typeof scopes>(scopes);

const ofName = byKey<{ name: string }>("name");

/** Containment is not leakproof, so that policies keep it off an index: it filters what the name's index gives. */
const ofResource = list<{ resource: string }>()("listByResource", {
  order: ["name"],
  where: (query, { resource }) => query.where(sql<boolean>`${resource} = any(scopes.resources)`),
});

export class PostgresScopes extends PostgresRepository<typeof scopes> implements Scopes {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByName(name: string) {
    return this.first(ofName, normaliseKey(scopes, { name }));
  }

  async listByResource(of: string, request: PageRequest = {}) {
    const resource = cleanResource(of);
    return this.page(ofResource, { resource }, request);
  }
}
