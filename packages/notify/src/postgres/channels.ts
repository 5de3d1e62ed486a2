import { normalise, normaliseKey, revisionOf } from "@stellaops/kernel";
import { PostgresSoftRepository, table, type Unit } from "@stellaops/postgres";
import { channels, type Channel } from "../aggregates.ts";
import { refuseInUse, refuseNoDeletion, type Deletion } from "../domain/channels.ts";
import type { Channels } from "../repositories/channels.ts";
import type { DB } from "./generated/database.ts";
import { PostgresHeldChannels } from "./held-channels.ts";
import { PostgresRules } from "./rules.ts";

const { byKey, ...verbs } = table<DB, "channels", typeof channels>(channels);

const ofName = byKey<{ name: string }>("name");

export class PostgresChannels extends PostgresSoftRepository<typeof channels> implements Channels {
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
    return this.first(ofName, normaliseKey(channels, { name }));
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
      const channel = await new PostgresHeldChannels(unit).forDeletion(id);
      if (channel?.revision === expected && channel.live && !forced)
        refuseInUse(id, unit.tenant, await new PostgresRules(unit).usersOf(id));
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
