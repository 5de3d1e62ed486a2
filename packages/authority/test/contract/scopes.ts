import type { AuthorityRepositories } from "@stellaops/authority";
import { inTurn, outcomeOf, repositoryContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { fresh, scope } from "../samples.ts";

export function scopesContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).scopes;
  repositoryContract({
    name: "scopes",
    repository: at,
    make: (id) => scope(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, description: "Reads.", resources: [], claims: ["a", "b"] }),
    twin: ({ name }) => scope({ name }),
    constraint: "uq_scopes_name",
    registered: () => rig().registered,
  });

  describe("scopes, particular", () => {
    it("scopes.findByName: gives the tenant's own before the shared one", async () => {
      const name = fresh("scope");
      await at("@global").put(scope({ name }), 0n);
      expect(await at("acme").findByName(name)).toMatchObject({ tenantId: "@global" });
      await at("acme").put(scope({ name }), 0n);
      expect(await at("acme").findByName(name)).toMatchObject({ tenantId: "acme" });
      expect(await at("acme").findByName(name.toUpperCase())).toBeNull();
    });

    it("scopes.listByResource: by name in byte order, matched whole, own and shared", async () => {
      const resources = ["$policy.x", "scheduler"];
      await inTurn(["z", "Z", "\u{1f600}", "\uffff", "a"], (name) => at("acme").put(scope({ name, resources }), 0n));
      await at("@global").put(scope({ name: "b", resources }), 0n);
      await at("umbrella").put(scope({ resources }), 0n);
      await at("acme").put(scope({ resources: ["$policy"] }), 0n);
      const found = await whole((request) => at("acme").listByResource("$policy.x", request));
      expect(found.map(({ name }) => name)).toEqual(["Z", "a", "b", "z", "\uffff", "\u{1f600}"]);
      expect(await at("acme").listByResource("sched")).toEqual({ items: [], next: null });
      expect(await outcomeOf(() => at("acme").listByResource("\0"))).toMatchObject({ error: "VALUE_NUL" });
      expect(await outcomeOf(() => at("acme").listByResource(["scheduler"] as never))).toMatchObject({
        family: "data",
      });
    });
  });
}
