import { locksContract, outcomeOf } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { minute, newId, type ShopRig } from "./samples.ts";

/** The contract of every lock, and what it does not look into: what is stored, what is entered, what happens inside of a unit. */
export function shopLocks(rig: ShopRig): void {
  const at = (tenant: string) => rig().at(tenant).locks;
  locksContract({ name: "locks", locks: at });

  const acquire = (holder: string, n: number, { key = "k", tenant = "acme", id = newId() } = {}) =>
    at(tenant).acquire({ key, id, holder, at: minute(n), until: minute(n + 10) });

  describe("a lock", () => {
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
