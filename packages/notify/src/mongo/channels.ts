import { normalise, normaliseKey, revisionOf } from "@stellaops/kernel";
import { MongoSoftRepository, table, type Unit } from "@stellaops/mongo";
import { channels, type Channel } from "../aggregates.ts";
import { refuseInUse, refuseNoDeletion, type Deletion } from "../domain/channels.ts";
import type { Channels } from "../repositories/channels.ts";
import { MongoHeldChannels } from "./held-channels.ts";
import { MongoRules } from "./rules.ts";

const verbs = table(channels);

export class MongoChannels extends MongoSoftRepository<typeof channels> implements Channels {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  override async put(channel: Channel, expected: bigint) {
    revisionOf(expected);
    const clean = normalise(channels, channel);
    if (clean.deletedAt === null || expected === 0n) return super.put(clean, expected);
    return this.#unused({ id: clean.id, expected }, (repository) => repository.putHeld(clean, expected));
  }

  async findByName(name: string) {
    return this.first({ ...normaliseKey(channels, { name }), deletedAt: null });
  }

  override async softDelete(id: string, expected: bigint, by: Parameters<Channels["softDelete"]>[2]) {
    const deletion = { id, expected, by, forced: by.forced };
    return this.#unused(deletion, (repository) => repository.softDeleteHeld(id, expected, by));
  }

  override async delete(id: string, expected: bigint, how?: { readonly forced: boolean }) {
    const deletion = { id, expected, forced: how?.forced };
    return this.#unused(deletion, (repository) => repository.deleteHeld(id, expected));
  }

  /** Work on a channel that no enabled rule uses, and that none comes to use before the unit ends. */
  async #unused<T>(deletion: Deletion, work: (repository: this) => Promise<T>): Promise<T> {
    refuseNoDeletion(deletion);
    const { id, expected, forced = false } = deletion;
    return this.atomically(async (repository) => {
      const { unit } = repository;
      const channel = await new MongoHeldChannels(unit).forDeletion(id);
      if (channel?.revision === expected && channel.live && !forced)
        refuseInUse(id, unit.tenant, await new MongoRules(unit).usersOf(id));
      return work(repository);
    });
  }

  protected putHeld(channel: Channel, expected: bigint) {
    return super.put(channel, expected);
  }
  protected softDeleteHeld(id: string, expected: bigint, by: { readonly by: string; readonly at: Date }) {
    return super.softDelete(id, expected, by);
  }
  protected deleteHeld(id: string, expected: bigint) {
    return super.delete(id, expected);
  }
}
