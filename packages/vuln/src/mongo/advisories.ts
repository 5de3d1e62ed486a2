import { normalisePart, type Known, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { advisories, type Advisory } from "../aggregates.ts";
import { cleanAlias, cleanPackage } from "../domain/arguments.ts";
import { ingest } from "../domain/ingest.ts";
import { searchWords } from "../domain/search-words.ts";
import type { Advisories, PackageRef } from "../repositories/advisories.ts";

const verbs = table(advisories);

const ofAlias = verbs.list("findByAlias", { order: ["advisoryKey"] });
const ofPackage = verbs.list("findByPackage", { order: ["advisoryKey"] });
const modifiedSince = verbs.list("listModifiedSince", { order: ["modifiedAt"] });
const search = verbs.list("search", { order: ["modifiedAt"], direction: "desc" });

export class MongoAdvisories extends MongoRepository<typeof advisories> implements Advisories {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async ingestBatch(batch: readonly Advisory[]) {
    return ingest(batch, {
      known: (keys) => this.#known(keys),
      write: (plan) => this.atomically((repository) => repository.writeAll(plan)),
    });
  }

  async findByKey(advisoryKey: string) {
    return this.first(normalisePart(advisories, { advisoryKey }));
  }

  async findByAlias(scheme: string, value: string, request: PageRequest = {}) {
    const alias = cleanAlias({ scheme, value });
    return this.page(ofAlias, alias, { aliases: { $elemMatch: alias } }, request);
  }

  async findByPackage(reference: PackageRef, request: PageRequest = {}) {
    const affected = cleanPackage(reference);
    return this.page(ofPackage, affected, { affected: { $elemMatch: affected } }, request);
  }

  async search(text: string, request: PageRequest = {}) {
    const words = searchWords(text);
    const filter = words.length === 0 ? null : { searchWords: { $all: words } };
    return this.page<{ readonly searchWords: readonly string[] }>(search, { words }, filter, request);
  }

  async listModifiedSince(at: Date, request: PageRequest = {}) {
    const since = normalisePart(advisories, { modifiedAt: at }).modifiedAt;
    return this.page(modifiedSince, { since }, { modifiedAt: { $gte: since } }, request);
  }

  async withdraw(key: string, at: Date) {
    const { advisoryKey, withdrawnAt } = normalisePart(advisories, { advisoryKey: key, withdrawnAt: at });
    return (await this.change({ advisoryKey, withdrawnAt: null }, { $set: { withdrawnAt, updatedAt: at } })) !== null;
  }

  async #known(keys: readonly string[]): Promise<readonly Known[]> {
    const found = await this.pick({ advisoryKey: { $in: keys } }, ["createdAt", "advisoryKey", "contentHash"]);
    return found.map(({ id, revision, createdAt, advisoryKey, contentHash }) => ({
      id,
      revision,
      createdAt,
      key: advisoryKey,
      mark: contentHash,
    }));
  }
}
