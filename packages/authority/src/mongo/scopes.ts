import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { scopes } from "../aggregates.ts";
import { cleanResource } from "../domain/resources.ts";
import type { Scopes } from "../repositories/scopes.ts";

const verbs = table(scopes);

const ofResource = verbs.list("listByResource", { order: ["name"] });

export class MongoScopes extends MongoRepository<typeof scopes> implements Scopes {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async findByName(name: string) {
    return this.first(normaliseKey(scopes, { name }));
  }

  async listByResource(of: string, request: PageRequest = {}) {
    const resource = cleanResource(of);
    return this.page(ofResource, { resource }, { resources: { $elemMatch: { $eq: resource } } }, request);
  }
}
