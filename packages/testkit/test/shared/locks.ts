import { outcomeOf } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { minute, newId, type ShopRig } from "./samples.ts";

export function locksContract(rig: ShopRig): void {
  const at = (tenant: string) => rig().at(tenant).locks;
  const acquire = (holder: string, n: number, { key = "k", tenant = "acme", id = newId() } = {}) =>
    at(tenant).acquire({ key, id, holder, at: minute(n), until: minute(n + 10) });
  const stored = async (key = "k") => (await at("acme").list()).items.find(({ lockKey }) => lockKey === key);

  describe("a lock", () => {
    it("is one holder's until it runs out or is released; every taking has a greater token", async () => {
      expect(await acquire("a", 0)).toEqual({ key: "k", holder: "a", token: 1n, expiresAt: minute(10) });
      expect(await acquire("b", 9)).toBeNull();
      expect(await acquire("b", 10)).toEqual({ key: "k", holder: "b", token: 2n, expiresAt: minute(20) });
      expect(await at("acme").release({ key: "k", holder: "b", token: 2n, at: minute(11) })).toBe(true);
      expect(await stored()).toMatchObject({ holder: null, expiresAt: null, acquiredAt: null, fencingToken: 2n });
      expect(await acquire("a", 12)).toMatchObject({ token: 3n });
    });

    it("stores who has it, since when and until when, and nothing else for one who is refused", async () => {
      const id = newId();
      await acquire("a", 0, { id });
      const row = {
        id,
        lockKey: "k",
        holder: "a",
        fencingToken: 1n,
        acquiredAt: minute(0),
        expiresAt: minute(10),
        createdAt: minute(0),
        updatedAt: minute(0),
      };
      expect(await at("acme").get(id)).toEqual({ ...row, revision: 1n, tenantId: "acme" });
      expect(await acquire("b", 1)).toBeNull();
      expect(await at("acme").get(id)).toEqual({ ...row, revision: 1n, tenantId: "acme" });
      await acquire("b", 11);
      const taken = {
        holder: "b",
        fencingToken: 2n,
        acquiredAt: minute(11),
        expiresAt: minute(21),
        updatedAt: minute(11),
      };
      expect(await at("acme").get(id)).toEqual({ ...row, ...taken, revision: 2n, tenantId: "acme" });
      const entries = await rig().register();
      expect(entries.map(({ aggregate, id: of, revision }) => [aggregate, of, revision])).toEqual(
        rig().registered ? [["locks", id, 2n]] : [],
      );
    });

    it("gives its own holder a new token, and the older one is void", async () => {
      await acquire("a", 0);
      expect(await acquire("a", 1)).toMatchObject({ token: 2n });
      const old = { key: "k", holder: "a", token: 1n, at: minute(2) };
      expect(await at("acme").renew({ ...old, until: minute(30) })).toBe(false);
      expect(await at("acme").release(old)).toBe(false);
      expect(await at("acme").renew({ ...old, token: 2n, until: minute(30) })).toBe(true);
      expect(await acquire("b", 29)).toBeNull();
      expect(await stored()).toMatchObject({ holder: "a", expiresAt: minute(30), updatedAt: minute(2), revision: 3n });
    });

    it("is renewed also after it ran out, as long as nobody took it, and not after", async () => {
      await acquire("a", 0);
      expect(await at("acme").renew({ key: "k", holder: "a", token: 1n, at: minute(15), until: minute(20) })).toBe(
        true,
      );
      await acquire("b", 21);
      expect(await at("acme").renew({ key: "k", holder: "a", token: 1n, at: minute(22), until: minute(50) })).toBe(
        false,
      );
      expect(await at("acme").release({ key: "k", holder: "a", token: 1n, at: minute(22) })).toBe(false);
      expect(await at("acme").release({ key: "k", holder: "c", token: 2n, at: minute(22) })).toBe(false);
      expect(await stored()).toMatchObject({ holder: "b", expiresAt: minute(31) });
    });

    it("is of one tenant and of one key", async () => {
      await acquire("a", 0);
      expect(await acquire("b", 0, { tenant: "umbrella" })).toMatchObject({ token: 1n });
      expect(await acquire("b", 0, { tenant: "@global" })).toMatchObject({ token: 1n });
      expect(await acquire("b", 0, { key: "$other" })).toMatchObject({ token: 1n, key: "$other" });
      expect(await acquire("$b", 20)).toMatchObject({ token: 2n, holder: "$b" });
    });

    it("refuses leases that end before they begin, and what neither database could hold", async () => {
      const lock = { key: "k", id: newId(), holder: "a", at: minute(1), until: minute(2) };
      for (const over of [{ until: minute(1) }, { at: new Date(Number.NaN) }, { until: "x" as never }])
        expect(await outcomeOf(() => at("acme").acquire({ ...lock, ...over }))).toMatchObject({
          error: "LEASE_INVALID",
          family: "data",
        });
      expect(await outcomeOf(() => at("acme").acquire({ ...lock, key: "\0" }))).toMatchObject({
        error: "VALUE_NUL",
        path: "lockKey",
      });
      expect(await outcomeOf(() => at("acme").acquire({ ...lock, holder: "\0" }))).toMatchObject({ path: "holder" });
      expect(await outcomeOf(() => at("acme").acquire({ ...lock, id: "x" }))).toMatchObject({ error: "VALUE_ID" });
      const renewal = { ...lock, token: 1n };
      expect(await outcomeOf(() => at("acme").renew({ ...renewal, until: minute(0) }))).toMatchObject({
        error: "LEASE_INVALID",
      });
      expect(await outcomeOf(() => at("acme").renew({ ...renewal, token: 1 as never }))).toMatchObject({
        family: "data",
      });
    });

    it("refuses the id of another lock", async () => {
      const id = newId();
      await acquire("a", 0, { id });
      expect(await outcomeOf(() => acquire("a", 0, { key: "other", id }))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
    });

    it("is never held twice, and its token only grows, whoever asks at once", async () => {
      const tokens: bigint[] = [];
      const holders = Array.from({ length: 16 }, async (_, i) => {
        const holder = `h${i}`;
        for (let n = 0; n < 6; n += 1) {
          const held = await acquire(holder, 0);
          if (held === null) continue;
          tokens.push(held.token);
          await at("acme").release({ key: "k", holder, token: held.token, at: minute(0) });
        }
      });
      await Promise.all(holders);
      expect(tokens.length).toBeGreaterThan(0);
      expect(new Set(tokens).size).toBe(tokens.length);
      expect(await stored()).toMatchObject({ fencingToken: BigInt(tokens.length), holder: null });
    });

    it("that is held ends nobody's unit, and gives it nothing", async () => {
      await acquire("a", 0);
      const answer = await rig()
        .at("acme")
        .transaction(async (bound) => {
          const refused = await bound.locks.acquire({
            key: "k",
            id: newId(),
            holder: "b",
            at: minute(1),
            until: minute(2),
          });
          const renewed = await at("acme")
            .renew({ key: "k", holder: "a", token: 1n, at: minute(1), until: minute(9) })
            .catch(String);
          const other = await bound.locks.acquire({
            key: "other",
            id: newId(),
            holder: "b",
            at: minute(1),
            until: minute(2),
          });
          return [refused, renewed, other?.token];
        });
      expect(answer[0]).toBeNull();
      expect(answer[2]).toBe(1n);
    });
  });
}
