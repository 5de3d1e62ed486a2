import { byBytes } from "@stellaops/kernel";
import { outcomeOf, readerContract } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import type { KevFlag } from "../../src/aggregates.ts";
import { day, kevFlag } from "../samples.ts";
import type { Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

export function kevFlagsContract(rig: () => Rig<VulnRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).kevFlags;
  const flags = async (tenant: string) => (await at(tenant).list()).items;
  const cvesOf = async (tenant: string) => (await flags(tenant)).map(({ cve }) => cve).toSorted(byBytes);
  readerContract({
    name: "kevFlags",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    // There is no verb that adds one: the whole set is replaced.
    add: async (tenant, item) => {
      const { items } = await at(tenant).list();
      const own = items
        .filter(({ tenantId }) => tenantId === tenant)
        .map(({ revision: _r, tenantId: _t, ...flag }) => flag);
      await at(tenant).replaceAll([...own, item as KevFlag]);
    },
    make: (id) => kevFlag(id === undefined ? {} : { id }),
  });

  describe("kevFlags, particular", () => {
    it("kevFlags.replaceAll: writes what differs, keeps ids, deletes what is not named", async () => {
      const [a, b, c] = [kevFlag({ cve: "A" }), kevFlag({ cve: "B" }), kevFlag({ cve: "C" })];
      const none = { inserted: 0, updated: 0, unchanged: 0, deleted: 0 };
      expect(await at("acme").replaceAll([a, b, c])).toEqual({ ...none, inserted: 3 });
      // Other ids and times: the content is what counts.
      const sameA = kevFlag({ cve: "A", updatedAt: day(1) });
      const newB = kevFlag({
        cve: "B",
        notes: "patch now",
        ransomwareUse: "known",
        createdAt: day(1),
        updatedAt: day(1),
      });
      const d = kevFlag({ cve: "D" });
      expect(await at("acme").replaceAll([d, newB, sameA])).toEqual({
        inserted: 1,
        updated: 1,
        unchanged: 1,
        deleted: 1,
      });
      const tenantId = "acme";
      expect(await at("acme").get(a.id)).toEqual({ ...a, revision: 1n, tenantId });
      expect(await at("acme").get(b.id)).toEqual({ ...newB, id: b.id, createdAt: b.createdAt, revision: 2n, tenantId });
      expect(await at("acme").get(c.id)).toBeNull();
      expect(await at("acme").get(d.id)).toEqual({ ...d, revision: 1n, tenantId });
      expect(await at("acme").replaceAll([])).toEqual({ ...none, deleted: 3 });
      expect(await flags("acme")).toEqual([]);
    });

    it("kevFlags.replaceAll: touches the tenant's own only", async () => {
      const shared = kevFlag({ cve: "A" });
      await at("@global").replaceAll([shared]);
      await at("umbrella").replaceAll([kevFlag({ cve: "A" })]);
      await at("acme").replaceAll([kevFlag({ cve: "A", notes: "own" })]);
      await at("acme").replaceAll([]);
      expect(await flags("acme")).toEqual([{ ...shared, revision: 1n, tenantId: "@global" }]);
      expect(await flags("umbrella")).toHaveLength(2);
    });

    it("kevFlags.replaceAll: refuses one CVE twice and a value that cannot be stored, and changes nothing", async () => {
      await at("acme").replaceAll([kevFlag({ cve: "A" })]);
      const replace = (...next: readonly KevFlag[]) => outcomeOf(() => at("acme").replaceAll(next));
      expect(await replace(kevFlag({ cve: "B" }), kevFlag({ cve: "B" }))).toMatchObject({ error: "BATCH_DUPLICATE" });
      const path = "ransomwareUse";
      expect(await replace(kevFlag({ [path]: "maybe" as never }))).toMatchObject({ error: "VALUE_CHOICE", path });
      expect(await cvesOf("acme")).toEqual(["A"]);
    });

    it("kevFlags.replaceAll: leaves exactly one of the sets that were given at once", async () => {
      const sets = Array.from({ length: 6 }, (_, i) => [`A${i}`, `B${i}`]);
      const replace = (cves: readonly string[]) =>
        at("acme").replaceAll(cves.map((cve) => kevFlag({ cve, notes: cves.join() })));
      // First on nothing, then on what is there.
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(sets.map(replace));
        expect(sets).toContainEqual(await cvesOf("acme"));
        expect(new Set((await flags("acme")).map(({ notes }) => notes)).size).toBe(1);
      }
    });

    it("kevFlags.isKnownExploited: gives those that have a flag, own or shared, sorted and once each", async () => {
      await at("acme").replaceAll(["b", "\u{1f600}", "\uffff", "both"].map((cve) => kevFlag({ cve })));
      await at("@global").replaceAll(["a", "both"].map((cve) => kevFlag({ cve })));
      await at("umbrella").replaceAll([kevFlag({ cve: "foreign" })]);
      const ask = ["foreign", "\u{1f600}", "both", "none", "b", "\uffff", "a", "both", ""];
      expect(await at("acme").isKnownExploited(ask)).toEqual(["a", "b", "both", "\uffff", "\u{1f600}"]);
      expect(await at("acme").isKnownExploited([])).toEqual([]);
    });

    it("kevFlags.isKnownExploited: refuses what no CVE can be, and more than 10,000", async () => {
      const ask = (...cves: readonly string[]) => outcomeOf(() => at("acme").isKnownExploited(cves));
      expect(await ask("A", "\0")).toMatchObject({ error: "VALUE_NUL", path: "cve" });
      expect(await ask(...Array.from({ length: 10_001 }, () => "A"))).toMatchObject({ error: "BATCH_TOO_LARGE" });
    });
  });
}
