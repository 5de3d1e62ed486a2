import { inTurn, keylessContract, outcomeOf } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { InboxMessage, NotifyRepositories } from "../../src/index.ts";
import { fresh, minute, newId, noon } from "../samples.ts";
import { message } from "../work/samples.ts";

export function inboxContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).inbox;
  const acme = () => at("acme");
  const told = async (over: Partial<InboxMessage>, tenant = "acme") => {
    const made = message(over);
    await at(tenant).put(made, 0n);
    return made.id;
  };
  keylessContract({
    name: "inbox",
    repository: at,
    make: (id = newId()) => message({ id }),
    changed: (one) => ({ ...one, title: "Another", readAt: minute(1) }),
    registered: () => rig().registered,
  });

  describe("inbox, particular", () => {
    it("inbox.listForUser: newest first, then id descending, and nothing that is archived", async () => {
      const userId = fresh("user");
      const ids = await inTurn([1, 3, 2, 2], (n) => told({ userId, createdAt: minute(n) }));
      await told({ userId: fresh("user") });
      const shared = await told({ userId, createdAt: minute(9) }, "@global");
      await acme().archive(ids[1]!, minute(10));
      const found = async (limit: number) => (await acme().listForUser(userId, { limit })).items.map(({ id }) => id);
      expect(await found(10)).toEqual([shared, ids[3], ids[2], ids[0]]);
      expect(await found(2)).toEqual([shared, ids[3]]);
      expect(await outcomeOf(() => acme().listForUser(null as never))).toMatchObject({ family: "data" });
    });

    it("inbox.unreadCount: what is neither read nor archived", async () => {
      const userId = fresh("user");
      const ids = await inTurn([1, 2, 3, 4], () => told({ userId }));
      expect(await acme().unreadCount(userId)).toBe(4n);
      await acme().markRead(ids[0]!, noon);
      await acme().archive(ids[1]!, noon);
      expect(await acme().unreadCount(userId)).toBe(2n);
      await told({ userId }, "@global");
      await told({ userId }, "umbrella");
      expect(await acme().unreadCount(userId)).toBe(3n);
      expect(await acme().unreadCount("nobody")).toBe(0n);
      expect(await outcomeOf(() => acme().unreadCount("\0"))).toMatchObject({ error: "VALUE_NUL", path: "userId" });
    });

    it("inbox.markRead: once, the tenant's own", async () => {
      const id = await told({});
      const read = await acme().markRead(id, minute(1));
      expect(read).toMatchObject({ readAt: minute(1), updatedAt: minute(1), revision: 2n });
      expect(await acme().get(id)).toEqual(read);
      expect(await acme().markRead(id, minute(2))).toBeNull();
      const shared = await told({}, "@global");
      expect(await acme().markRead(shared, minute(2))).toBeNull();
      expect(await outcomeOf(() => acme().markRead(id, null as never))).toMatchObject({ family: "data" });
      expect(await outcomeOf(() => acme().markRead("x", noon))).toMatchObject({ error: "VALUE_ID", path: "id" });
    });

    it("inbox.markAllRead: at most so many, the oldest ids first, of that user alone", async () => {
      const userId = fresh("user");
      const ids = await inTurn([1, 2, 3, 4, 5], () => told({ userId }));
      const other = await told({ userId: fresh("user") });
      await acme().archive(ids[0]!, noon);
      await acme().markRead(ids[1]!, minute(1));
      const all = (limit: number) => acme().markAllRead({ userId, limit, at: minute(2) });
      expect(await all(2)).toBe(2);
      const read = await inTurn(ids, async (id) => (await acme().get(id))?.readAt);
      expect(read).toEqual([null, minute(1), minute(2), minute(2), null]);
      expect(await all(1_000)).toBe(1);
      expect(await all(1_000)).toBe(0);
      expect(await acme().get(other)).toMatchObject({ readAt: null });
      for (const limit of [0, 1_001])
        expect(await outcomeOf(() => all(limit))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it("inbox.markAllRead: each is marked by one of many at once", async () => {
      const userId = fresh("user");
      await inTurn(Array.from({ length: 12 }), () => told({ userId }));
      const all = (limit: number) => acme().markAllRead({ userId, limit, at: minute(2) });
      const counts = await Promise.all([all(5), all(5), all(5), all(5)]);
      expect(counts.reduce((sum, n) => sum + n, 0) + (await all(100))).toBe(12);
      const { items } = await acme().list();
      expect(items.every(({ revision }) => revision === 2n)).toBe(true);
    });

    it("inbox.archive: once, read or not", async () => {
      const [read, unread] = await inTurn([0, 1], () => told({}));
      await acme().markRead(read!, minute(1));
      for (const id of [read!, unread!]) {
        expect(await acme().archive(id, minute(2))).toMatchObject({ archivedAt: minute(2) });
        expect(await acme().archive(id, minute(3))).toBeNull();
      }
      expect(await at("umbrella").archive(read!, noon)).toBeNull();
    });
  });
}
