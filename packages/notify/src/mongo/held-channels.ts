import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { channels } from "../aggregates.ts";
import { refuseMissing } from "../domain/channels.ts";

const verbs = table(channels);

/**
 * Channels held until the unit ends, so that a rule and a deletion do not pass each other by. They write no document in common: both take a
 * turn for the channel, and of two at once one is run again.
 */
export class MongoHeldChannels extends MongoRepository<typeof channels> {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  /** Those that an enabled rule may name. @throws `CHANNEL_MISSING` (not-found) */
  async forUse(channelIds: readonly string[]) {
    await this.takeTurn(channelIds);
    const found = await this.visible({ id: { $in: channelIds }, deletedAt: null });
    refuseMissing(
      channelIds,
      found.map(({ id }) => id),
    );
  }

  /** The tenant's own, or null. What is read after it, every rule is in. */
  async forDeletion(id: string) {
    await this.takeTurn([id]);
    const [channel] = await this.own({ id });
    return channel === undefined ? null : { revision: channel.revision, live: channel.deletedAt === null };
  }
}
