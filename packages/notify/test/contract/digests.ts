import { claimsContract, inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { Digest, DigestWindow, NotifyRepositories } from "../../src/index.ts";
import { claim, fresh, minute, newId, noon, refOf } from "../samples.ts";
import { item } from "../work/samples.ts";

const released = { leaseHolder: null, leaseUntil: null, claimId: null };
const digestOf = (over: Partial<Digest> = {}): Digest => ({
  id: newId(),
  actionKey: fresh("action"),
  window: "5m",
  windowStart: noon,
  status: "open",
  items: [item().item],
  itemCount: 1n,
  dueAt: minute(5),
  attempts: 0n,
  ...released,
  createdAt: noon,
  updatedAt: noon,
  ...over,
});

export function digestsContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).digests;
  const acme = () => at("acme");
  readerContract({
    name: "digests",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, given) => {
      const { id, actionKey } = given as Digest;
      return at(tenant).addItem(item({ id, actionKey }));
    },
    make: (id = newId()) => digestOf({ id }),
  });
  claimsContract({
    name: "digests",
    verb: "flushDue",
    add: (tenant, { id, due }) => at(tenant).addItem(item({ id, window: "instant", at: due })),
    claim: (tenant, request) => at(tenant).flushDue(request),
    heartbeat: (tenant, ref, lease) => at(tenant).heartbeat(ref, lease),
    settle: (tenant, ref, when) => at(tenant).close(ref, { at: when }),
    get: (tenant, id) => at(tenant).get(id),
  });

  describe("digests, particular", () => {
    const flush = (over: Parameters<typeof claim>[0] = {}) =>
      acme().flushDue(claim({ at: minute(5), until: minute(9), ...over }));

    it("digests.addItem: opens the digest of its window, and gathers into it in order", async () => {
      const first = item({ item: 1, at: minute(1) });
      const { id, actionKey } = first;
      const place = { digestId: id, windowStart: noon };
      expect(await acme().addItem(first)).toEqual({ ...place, itemCount: 1n, opened: true });
      const items = [{ $each: [1], "a.b": { $literal: "$x" } }, [1, [2]], "$y", null, 2.5];
      for (const [i, one] of items.entries()) {
        const added = await acme().addItem(item({ actionKey, item: one, at: minute(2) }));
        expect(added).toEqual({ ...place, itemCount: BigInt(i + 2), opened: false });
      }
      const stored = { id, actionKey, items: [1, ...items], itemCount: 6n, createdAt: minute(1), updatedAt: minute(2) };
      expect(await acme().get(id)).toEqual({ ...digestOf(stored), revision: 6n, tenantId: "acme" });
      expect(await at("umbrella").addItem(item({ actionKey }))).toMatchObject({ opened: true });
      expect(await acme().addItem(item({ actionKey, window: "1h" }))).toMatchObject({ opened: true });
      expect(await acme().addItem(item({ actionKey, at: minute(5) }))).toMatchObject({ windowStart: minute(5) });
    });

    it("digests.addItem: one digest and every item in it, however many add at once", async () => {
      const { actionKey } = item();
      const numbers = Array.from({ length: 20 }, (_, n) => n);
      const added = await Promise.all(numbers.map((n) => acme().addItem(item({ actionKey, item: n }))));
      expect(added.filter(({ opened }) => opened)).toHaveLength(1);
      const [digest, ...others] = (await acme().list()).items;
      expect(others).toEqual([]);
      expect(new Set(digest?.items as number[])).toEqual(new Set(numbers));
      expect(new Set(added.map(({ itemCount }) => itemCount)).size).toBe(20);
    });

    it("digests.addItem: what comes while it is flushed, or is closed, goes into the next window", async () => {
      const { actionKey } = item();
      const add = (n: number) => acme().addItem(item({ actionKey, item: n }));
      await add(1);
      const [mine] = await flush();
      expect(mine).toMatchObject({ status: "flushing", items: [1] });
      expect(await add(2)).toMatchObject({ windowStart: minute(5), opened: true });
      expect(await add(3)).toMatchObject({ windowStart: minute(5), itemCount: 2n, opened: false });
      await acme().close(refOf(mine!), { at: minute(6) });
      expect(await add(4)).toMatchObject({ windowStart: minute(5), itemCount: 3n });
      // The next one is flushed too: the one after the last.
      const [second] = await flush({ at: minute(10), until: minute(12) });
      expect(second).toMatchObject({ items: [2, 3, 4], windowStart: minute(5) });
      expect(await add(5)).toMatchObject({ windowStart: minute(10), opened: true });
      expect(await acme().get(mine!.id)).toMatchObject({ items: [1], status: "closed" });
    });

    it("digests.addItem: what comes late goes into its own window, whatever became of later ones", async () => {
      const { actionKey } = item();
      const add = (minutes: number, n: number) => acme().addItem(item({ actionKey, item: n, at: minute(minutes) }));
      for (const minutes of [5, 10, 60 * 24 * 365]) await add(minutes, minutes);
      for (const digest of await flush({ at: minute(60 * 24 * 366), until: minute(60 * 24 * 367), limit: 10 }))
        await acme().close(refOf(digest), { at: minute(60 * 24 * 366) });
      expect(await add(1, 1)).toMatchObject({ windowStart: minute(0), opened: true });
      expect(await add(6, 2)).toMatchObject({ windowStart: minute(15), opened: true });
      expect(await add(11, 3)).toMatchObject({ windowStart: minute(15), itemCount: 2n });
    });

    it("digests.addItem: a digest holds 1,000; the next goes into the next window", async () => {
      const { actionKey } = item();
      const numbers = Array.from({ length: 1_000 }, (_, n) => n);
      await rig()
        .at("acme")
        .transaction(async ({ digests }) => {
          for (const n of numbers) await digests.addItem(item({ actionKey, item: n }));
        });
      expect(await acme().addItem(item({ actionKey, item: 1_000 }))).toMatchObject({
        windowStart: minute(5),
        itemCount: 1n,
      });
      const { items } = await acme().list();
      expect(new Set(items.map(({ itemCount }) => itemCount))).toEqual(new Set([1n, 1_000n]));
      expect(items.find(({ itemCount }) => itemCount === 1_000n)?.items).toEqual(numbers);
    }, 60_000);

    it.each([
      ["instant", noon, noon, noon],
      ["5m", minute(4.99), noon, minute(5)],
      ["15m", minute(14.99), noon, minute(15)],
      ["1h", minute(59.99), noon, minute(60)],
      ["1d", noon, minute(-720), minute(720)],
    ] as const)("digests.addItem: the window %s", async (window: DigestWindow, when, windowStart, dueAt) => {
      const { digestId } = await acme().addItem(item({ window, at: when }));
      expect(await acme().get(digestId)).toMatchObject({ windowStart, dueAt });
      expect(await flush({ at: new Date(dueAt.getTime() - 1), until: minute(9_999) })).toEqual([]);
      expect(await flush({ at: dueAt, until: minute(9_999) })).toMatchObject([{ id: digestId }]);
    });

    it("digests.addItem: refuses what cannot be stored or is too large, also when the digest is open", async () => {
      const given = item();
      await acme().addItem(given);
      const add = (over: object) => outcomeOf(() => acme().addItem({ ...given, id: newId(), ...over }));
      expect(await add({ item: { a: Number.NaN } })).toMatchObject({ error: "VALUE_NOT_FINITE", path: "items.0.a" });
      expect(await add({ item: "x".repeat(8_000) })).toMatchObject({ error: "VALUE_TOO_LARGE", path: "item" });
      expect(await add({ window: "2d" })).toMatchObject({ error: "VALUE_CHOICE", path: "window" });
      expect(await add({ actionKey: null })).toMatchObject({ family: "data", path: "actionKey" });
      expect(await add({ at: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE" });
      expect(await add({ id: given.id, actionKey: "another" })).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await acme().get(given.id)).toMatchObject({ itemCount: 1n });
    });

    it("digests.flushDue: gives each to one flusher with all its items, while others add", async () => {
      const { actionKey } = item();
      await acme().addItem(item({ actionKey, item: "first" }));
      const adds = Array.from({ length: 12 }, (_, n) => acme().addItem(item({ actionKey, item: n })));
      const flushes = Array.from({ length: 6 }, (_, n) => flush({ holder: `w${n}`, until: minute(99) }));
      const given = (await Promise.all(flushes)).flat();
      await Promise.all(adds);
      // On PostgreSQL one that is being added to is passed over.
      expect(given.length).toBeLessThan(2);
      const rest = await flush({ at: minute(60), until: minute(99) });
      const all = [...given, ...rest].flatMap(({ items }) => items as unknown[]);
      expect(all.map(String).toSorted()).toEqual(
        ["first", ...Array.from({ length: 12 }, (_, n) => String(n))].toSorted(),
      );
      expect(await flush({ at: minute(60), until: minute(99) })).toEqual([]);
    });

    it("digests.flushDue: one whose flusher died is taken over after its lease, and is not open in between", async () => {
      const { digestId } = await acme().addItem(item());
      const [dead] = await flush({ until: minute(6) });
      expect(await flush({ at: new Date(minute(6).getTime() - 1), holder: "w2" })).toEqual([]);
      const [next] = await flush({ at: minute(6), holder: "w2" });
      expect(next).toMatchObject({ id: digestId, status: "flushing", leaseHolder: "w2", attempts: 2n });
      const close = (ref: ReturnType<typeof refOf>) => outcomeOf(() => acme().close(ref, { at: minute(7) }));
      expect(await close(refOf(dead!))).toMatchObject({ error: "CLAIM_LOST" });
      expect(await close(refOf(next!))).toMatchObject({ value: { status: "closed" } });
    });

    it("digests.close: lets go of it, once, and it is not flushed again", async () => {
      const [id] = await inTurn([0], async () => (await acme().addItem(item())).digestId);
      const [mine] = await flush();
      const done = await acme().close(refOf(mine!), { at: minute(6) });
      expect(done).toMatchObject({ ...released, id, status: "closed", dueAt: null, updatedAt: minute(6) });
      expect(await acme().get(id!)).toEqual(done);
      expect(await outcomeOf(() => acme().close(refOf(mine!), { at: minute(7) }))).toMatchObject({
        error: "CLAIM_LOST",
      });
      expect(await flush({ at: minute(99), until: minute(100) })).toEqual([]);
    });
  });
}
