import { PostgresRepository, table, Text, type Unit } from "@stellaops/postgres";
import { channels } from "../aggregates.ts";
import { refuseMissing } from "../domain/channels.ts";
import type { DB } from "./generated/database.ts";

const verbs = table<DB, "channels", typeof channels>(channels);

/** In the order of ids, so that two rules that name several wait for each other and do not deadlock. A channel may still be changed under it. */
const share =
  new Text(`select id from (select id from notify.channels where tenant_id = $1 and id = any($2::uuid[]) and deleted_at is null order by id for key share) own
  union select id from notify.channels where tenant_id = '@global' and id = any($2::uuid[]) and deleted_at is null`);

const lock = new Text("select revision, deleted_at from notify.channels where tenant_id = $1 and id = $2 for update");

/** Channels held until the unit ends, so that a rule and a deletion do not pass each other by: as a foreign key would hold them. */
export class PostgresHeldChannels extends PostgresRepository<typeof channels> {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  /** Those that an enabled rule may name. @throws `CHANNEL_MISSING` (not-found) */
  async forUse(channelIds: readonly string[]) {
    const { rows } = await this.run(share.bind([this.unit.tenant, channelIds]));
    refuseMissing(
      channelIds,
      rows.map(({ id }) => String(id)),
    );
  }

  /** The tenant's own, or null. What is read after it, every rule is in. */
  async forDeletion(id: string) {
    const [channel] = (await this.run(lock.bind([this.unit.tenant, id]))).rows;
    return channel === undefined
      ? null
      : { revision: BigInt(String(channel["revision"])), live: channel["deleted_at"] === null };
  }
}
