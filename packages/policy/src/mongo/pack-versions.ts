import { normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { packVersions, type PackVersion } from "../aggregates.ts";
import { draftOf, hashKey, published, retired } from "../domain/pack-versions.ts";
import type { PackVersions, Publication, Retirement } from "../repositories/pack-versions.ts";

const verbs = table(packVersions);

const ofHash = verbs.list("findByHash", { order: [] });
const ofPack = verbs.list("listByPack", { order: ["createdAt"], direction: "desc" });

export class MongoPackVersions extends MongoRepository<typeof packVersions> implements PackVersions {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(version: PackVersion, expected: bigint) {
    revisionOf(expected);
    return super.put(draftOf(version), expected);
  }

  async publish(publication: Publication) {
    return this.changeOne(published(publication));
  }

  async retire(retirement: Retirement) {
    return this.changeOne(retired(retirement));
  }

  async findByVersion(packId: string, version: string) {
    return this.first(normaliseKey(packVersions, { packId, version }));
  }

  /** The tenant's own alone. */
  async ofPack(packId: string, version: string) {
    return this.ownBy({ packId, version });
  }

  async findByHash(hash: string, request: PageRequest = {}) {
    const contentHash = hashKey(hash);
    return this.page<{ readonly contentHash: string }>(ofHash, { contentHash }, { contentHash }, request);
  }

  async listByPack(id: string, request: PageRequest = {}) {
    const { packId } = normaliseKey(packVersions, { packId: id });
    return this.page(ofPack, { packId }, { packId }, request);
  }
}
