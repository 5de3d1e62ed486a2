import { normaliseKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { inbox } from "../aggregates.ts";
import { archived, cleanReadAll, read } from "../domain/inbox.ts";
import type { Inbox, ReadAll } from "../repositories/inbox.ts";

const verbs = table(inbox);

const ofUser = verbs.list("listForUser", { order: ["createdAt"], direction: "desc" });
const open = { readAt: null, archivedAt: null };

export class MongoInbox extends MongoRepository<typeof inbox> implements Inbox {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  async listForUser(user: string, request: PageRequest = {}) {
    const { userId } = normaliseKey(inbox, { userId: user });
    return this.page(ofUser, { userId }, { userId, archivedAt: null }, request);
  }

  async unreadCount(user: string) {
    const { userId } = normaliseKey(inbox, { userId: user });
    const [counted] = await this.derive<{ readonly unread: number }>({ userId, ...open }, [{ $count: "unread" }]);
    return BigInt(counted?.unread ?? 0);
  }

  async markRead(id: string, at: Date) {
    return this.changeOne(read(id, at));
  }

  /** No update gives back what it changed of several: what is chosen is chosen in the snapshot that it is changed in. */
  async markAllRead(all: ReadAll) {
    const { userId, limit, at } = cleanReadAll(all);
    return this.atomically(async (repository) => {
      const found = await repository.pick({ userId, ...open }, [], { sort: { id: 1 }, limit });
      await repository.changeAll(found, { $set: { readAt: at, updatedAt: at } });
      return found.length;
    });
  }

  async archive(id: string, at: Date) {
    return this.changeOne(archived(id, at));
  }
}
