import { normalise, normaliseKey, revisionOf } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { packs, type Pack } from "../aggregates.ts";
import { cleanActivation, newPack, notPut, refuseUnpublished } from "../domain/packs.ts";
import type { Activation, Packs } from "../repositories/packs.ts";
import type { DB } from "./generated/database.ts";
import { PostgresPackVersions } from "./pack-versions.ts";

const { byKey, ...verbs } = table<DB, "packs", typeof packs>(packs);

const ofName = byKey<{ name: string }>("name");

export class PostgresPacks extends PostgresRepository<typeof packs> implements Packs {
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
    return this.first(ofName, normaliseKey(packs, { name }));
  }

  /** Read, then written: a version that is published stays so, and nothing can come between. */
  async activate(activation: Activation) {
    const { packId, version, at } = cleanActivation(activation);
    return this.atomically(async (repository) => {
      const found = await new PostgresPackVersions(repository.unit).ofPack(packId, version);
      refuseUnpublished(found, { packId, version });
      return repository.changeOne({ where: { id: packId }, set: { activeVersion: version, updatedAt: at } });
    });
  }
}
