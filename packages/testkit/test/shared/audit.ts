import { inTurn, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { entry, minute, type ShopRig } from "./samples.ts";

export function auditContract(rig: ShopRig): void {
  const at = (tenant: string) => rig().at(tenant).audit;
  readerContract({
    name: "audit",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => at(tenant).append([item as never]),
    make: (id) => entry(id === undefined ? {} : { id }),
  });

  describe("an audit trail", () => {
    it("lists a target's entries, the newest first", async () => {
      const entries = [2, 5, 3, 3].map((n) => entry({ occurredAt: minute(n) }));
      await at("acme").append(entries);
      const others = [entry({ targetKind: "order" }), entry({ targetId: "2" })];
      await at("acme").append(others);
      await at("umbrella").append([entry()]);
      const shared = entry({ occurredAt: minute(4) });
      await at("@global").append([shared]);
      const found = await whole((request) => at("acme").listByTarget("good", "1", request));
      expect(found.map(({ occurredAt }) => occurredAt)).toEqual([5, 4, 3, 3, 2].map(minute));
      expect(found[1]).toEqual({ ...shared, revision: 1n, tenantId: "@global" });
    });

    it("appends all or none, and refuses what neither database could hold", async () => {
      const [a, b] = [entry(), entry()];
      await at("acme").append([a]);
      expect(await outcomeOf(() => at("acme").append([b, a]))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await at("acme").get(b.id)).toBeNull();
      expect(await outcomeOf(() => at("acme").append([entry({ actor: "\0" })]))).toMatchObject({
        error: "VALUE_NUL",
        path: "actor",
      });
      expect(await outcomeOf(() => at("acme").listByTarget("good", "\0"))).toMatchObject({ error: "VALUE_NUL" });
      await inTurn([1], () => at("acme").append([]));
    });
  });
}
