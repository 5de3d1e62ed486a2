import { normaliseKey, revisionOf, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { packVersions, type PackVersion } from "../aggregates.ts";
import { draftOf, hashKey, published, retired } from "../domain/pack-versions.ts";
import type { PackVersions, Publication, Retirement } from "../repositories/pack-versions.ts";
import type { DB } from "./generated/database.ts";

const { byKey, list, ...verbs } = table<DB, "pack_versions", typeof packVersions>(packVersions);

const ofVersion = byKey<{ packId: string; version: string }>("packId", "version");

const ofHash = list<{ contentHash: string }>()("findByHash", {
  order: [],
  where: (query, { contentHash }) => query.where("pack_versions.content_hash", "=", contentHash),
});

const ofPack = list<{ packId: string }>()("listByPack", {
  order: ["createdAt"],
  direction: "desc",
  where: (query, { packId }) => query.where("pack_versions.pack_id", "=", packId),
});

export class PostgresPackVersions extends PostgresRepository<typeof packVersions> implements PackVersions {
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
    return this.first(ofVersion, normaliseKey(packVersions, { packId, version }));
  }

  /** The tenant's own alone. */
  async ofPack(packId: string, version: string) {
    return this.ownBy({ packId, version });
  }

  async findByHash(hash: string, request: PageRequest = {}) {
    return this.page(ofHash, { contentHash: hashKey(hash) }, request);
  }

  async listByPack(id: string, request: PageRequest = {}) {
    return this.page(ofPack, normaliseKey(packVersions, { packId: id }), request);
  }
}
