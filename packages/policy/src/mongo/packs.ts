import { normalise, normaliseKey, revisionOf } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { packs, type Pack } from "../aggregates.ts";
import { cleanActivation, newPack, notPut, refuseUnpublished } from "../domain/packs.ts";
import type { Activation, Packs } from "../repositories/packs.ts";
import { MongoPackVersions } from "./pack-versions.ts";

const verbs = table(packs);

export class MongoPacks extends MongoRepository<typeof packs> implements Packs {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(pack: Pack, expected: bigint) {
    revisionOf(expected);
    const clean = normalise(packs, pack);
    if (expected === 0n) return super.put(newPack(clean), expected);
    const { id, activeVersion, ...set } = clean;
    const changed = await this.changeOne({ where: { id, revision: expected, activeVersion }, set });
    if (changed === null) throw notPut(await this.get(id), this.unit.tenant, expected);
    return changed.revision;
  }

  async findByName(name: string) {
    return this.first(normaliseKey(packs, { name }));
  }

  /** Read, then written: a version that is published stays so, and nothing can come between. */
  async activate(activation: Activation) {
    const { packId, version, at } = cleanActivation(activation);
    return this.atomically(async (repository) => {
      const found = await new MongoPackVersions(repository.unit).ofPack(packId, version);
      refuseUnpublished(found, { packId, version });
      return repository.changeOne({ where: { id: packId }, set: { activeVersion: version, updatedAt: at } });
    });
  }
}
