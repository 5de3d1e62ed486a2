import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { sql } from "kysely";
import { inbox } from "../aggregates.ts";
import { archived, cleanReadAll, read } from "../domain/inbox.ts";
import type { Inbox, ReadAll } from "../repositories/inbox.ts";
import type { DB } from "./generated/database.ts";

const { statement, change, list, ...verbs } = table<DB, "inbox", typeof inbox>(inbox);

const ofUser = list<{ userId: string }>()("listForUser", {
  order: ["createdAt"],
  direction: "desc",
  where: (query, { userId }) => query.where("inbox.user_id", "=", userId).where("inbox.archived_at", "is", null),
});

const unread = statement<{ userId: string }>()((db, { tenant, userId }) =>
  db
    .selectFrom("inbox")
    .select(({ fn }) => fn.countAll<string>().as("unread"))
    .where(sql<boolean>`tenant_id in (${tenant}, '@global')`)
    .where("user_id", "=", userId)
    .where("read_at", "is", null)
    .where("archived_at", "is", null),
);

/** The sub-select as an array: it is carried out once; locked in one order, so that two who read all wait and do not deadlock. */
const readAll = change<ReadAll>()((db, { tenant, userId, limit, at }) =>
  db
    .updateTable("inbox")
    .set(({ eb }) => ({ read_at: at, updated_at: at, revision: eb("revision", "+", "1") }))
    .where("tenant_id", "=", tenant)
    .where(
      sql<boolean>`id = any(array(select i.id from notify.inbox i where i.tenant_id = ${tenant} and i.user_id = ${userId}
        and i.read_at is null and i.archived_at is null order by i.id limit ${limit} for update))`,
    )
    .returning(["id", "revision"]),
);

export class PostgresInbox extends PostgresRepository<typeof inbox> implements Inbox {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listForUser(user: string, request: PageRequest = {}) {
    const { userId } = normaliseKey(inbox, { userId: user });
    return this.page(ofUser, { userId }, request);
  }

  async unreadCount(userId: string) {
    const [counted] = await this.rows(unread, normaliseKey(inbox, { userId }));
    return BigInt(counted?.unread ?? 0);
  }

  async markRead(id: string, at: Date) {
    return this.changeOne(read(id, at));
  }

  async markAllRead(all: ReadAll) {
    return (await this.changed(readAll, cleanReadAll(all))).length;
  }

  async archive(id: string, at: Date) {
    return this.changeOne(archived(id, at));
  }
}
