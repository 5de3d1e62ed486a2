import { repositoryContract, inTurn, outcomeOf, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { fresh, source } from "../samples.ts";
import type { Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

export function sourcesContract(rig: () => Rig<VulnRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).sources;
  repositoryContract({
    name: "sources",
    repository: at,
    make: (id) => source(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, name: "Another name", url: null, config: { "": [] }, enabled: false }),
    twin: ({ key }) => source({ key }),
    constraint: "uq_sources_key",
    registered: () => rig().registered,
  });

  describe("sources, particular", () => {
    it("sources.findByKey: gives the tenant's own before the shared one", async () => {
      const key = fresh("nvd");
      expect(await at("acme").findByKey(key)).toBeNull();
      await at("@global").put(source({ key, name: "shared" }), 0n);
      expect(await at("acme").findByKey(key)).toMatchObject({ name: "shared", tenantId: "@global", revision: 1n });
      await at("acme").put(source({ key, name: "own" }), 0n);
      expect(await at("acme").findByKey(key)).toMatchObject({ name: "own", tenantId: "acme" });
      expect(await at("umbrella").findByKey(key)).toMatchObject({ name: "shared" });
      expect(await at("@global").findByKey(key)).toMatchObject({ name: "shared" });
    });

    it("sources.findByKey: distinguishes case and trailing space", async () => {
      await at("acme").put(source({ key: "Nvd" }), 0n);
      expect(await at("acme").findByKey("nvd")).toBeNull();
      expect(await at("acme").findByKey("Nvd ")).toBeNull();
    });

    it("sources.findByKey: refuses a key that neither database could hold", async () => {
      expect(await outcomeOf(() => at("acme").findByKey("a\0"))).toMatchObject({ error: "VALUE_NUL", path: "key" });
      expect(await outcomeOf(() => at("acme").findByKey("\ud800"))).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
    });

    it("sources.listEnabled: by priority, then key in byte order, then id; disabled ones are left out", async () => {
      const own: readonly (readonly [number, string])[] = [
        [2, "b"],
        [1, "\u{1f600}"],
        [1, "\uffff"],
        [-5, "z"],
        [1, "a"],
        [1, "B"],
        [10, "a"],
      ];
      await inTurn(own, ([priority, key]) => at("acme").put(source({ priority, key: `${key}${priority}` }), 0n));
      await at("acme").put(source({ enabled: false }), 0n);
      await at("umbrella").put(source({}), 0n);
      await at("@global").put(source({ priority: 1, key: "a1" }), 0n);
      const found = await whole((request) => at("acme").listEnabled(request));
      expect(found.map(({ key }) => key)).toEqual(["z-5", "B1", "a1", "a1", "\uffff1", "\u{1f600}1", "b2", "a10"]);
      expect(await whole((request) => at("@global").listEnabled(request))).toHaveLength(1);
    });

    it("sources.listEnabled: refuses a cursor of another verb", async () => {
      await inTurn([1, 2, 3], () => at("acme").put(source(), 0n));
      const { next } = await at("acme").list({ limit: 1 });
      expect(await outcomeOf(() => at("acme").listEnabled({ after: next }))).toMatchObject({ error: "CURSOR_FOREIGN" });
    });
  });
}
