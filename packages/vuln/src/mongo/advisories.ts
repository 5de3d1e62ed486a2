import { normalisePart, planIngest, type Known, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { advisories, type Advisory } from "../aggregates.ts";
import { cleanBatch } from "../domain/limits.ts";
import { searchWords } from "../domain/search-words.ts";
import type { Advisories, PackageRef } from "../repositories/advisories.ts";

const verbs = table(advisories);

const ofAlias = verbs.list("findByAlias", { order: ["advisoryKey"] });
const ofPackage = verbs.list("findByPackage", { order: ["advisoryKey"] });
const modifiedSince = verbs.list("listModifiedSince", { order: ["modifiedAt"] });
const search = verbs.list("search", { order: ["modifiedAt"], direction: -1 });

export class MongoAdvisories extends MongoRepository<typeof advisories> implements Advisories {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async ingestBatch(batch: readonly Advisory[]) {
    const clean = cleanBatch(advisories, batch, 1_000, ({ advisoryKey }) => advisoryKey);
    const stored = await this.#known(clean.map(({ advisoryKey }) => advisoryKey));
    const plan = planIngest(stored, clean, (advisory) => ({ key: advisory.advisoryKey, mark: advisory.contentHash }));
    if (plan.unchanged < clean.length) await this.atomically((repository) => repository.writeAll(plan));
    return { inserted: plan.create.length, updated: plan.replace.length, unchanged: plan.unchanged };
  }

  findByKey(advisoryKey: string) {
    return this.first({ advisoryKey });
  }

  findByAlias(scheme: string, value: string, request: PageRequest = {}) {
    return this.page(ofAlias, { scheme, value }, { aliases: { $elemMatch: { scheme, value } } }, request);
  }

  findByPackage(reference: PackageRef, request: PageRequest = {}) {
    const affected =
      "purl" in reference ? { purl: reference.purl } : { ecosystem: reference.ecosystem, package: reference.package };
    return this.page(ofPackage, affected, { affected: { $elemMatch: affected } }, request);
  }

  async search(text: string, request: PageRequest = {}) {
    const words = searchWords(text);
    const filter = words.length === 0 ? null : { searchWords: { $all: words } };
    return this.page<{ readonly searchWords: readonly string[] }>(search, { words }, filter, request);
  }

  listModifiedSince(since: Date, request: PageRequest = {}) {
    return this.page(modifiedSince, { since }, { modifiedAt: { $gte: since } }, request);
  }

  async withdraw(advisoryKey: string, at: Date) {
    const { withdrawnAt } = normalisePart(advisories, { withdrawnAt: at });
    return (await this.change({ advisoryKey, withdrawnAt: null }, { $set: { withdrawnAt, updatedAt: at } })) !== null;
  }

  async #known(keys: readonly string[]): Promise<readonly Known[]> {
    const found = await this.project({ advisoryKey: { $in: keys } }, ["createdAt", "advisoryKey", "contentHash"]);
    return found.map(({ id, revision, createdAt, advisoryKey, contentHash }) => ({
      id,
      revision,
      createdAt,
      key: advisoryKey,
      mark: contentHash,
    }));
  }
}
