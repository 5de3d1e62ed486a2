import type { AuthorityRepositories } from "@stellaops/authority";
import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, fresh, role } from "../samples.ts";

export function rolesContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).roles;
  repositoryContract({
    name: "roles",
    repository: at,
    make: (id) => role(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, displayName: "Another", description: "Reads.", scopes: [] }),
    twin: ({ name }) => role({ name }),
    constraint: "uq_roles_name",
    registered: () => rig().registered,
  });

  describe("roles, particular", () => {
    it("roles.put: a system role stays one, and is changed as others are", async () => {
      const made = role({ isSystem: true });
      await at("acme").put(made, 0n);
      const common = { ...made, isSystem: false };
      const refusal = { error: "ROLE_SYSTEM", family: "conflict" };
      expect(await outcomeOf(() => at("acme").put(common, 1n))).toMatchObject(refusal);
      expect(await outcomeOf(() => at("acme").put(common, 2n))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await outcomeOf(() => at("umbrella").put(common, 1n))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await at("acme").put({ ...made, scopes: [] }, 1n)).toBe(2n);
      expect(await outcomeOf(() => at("acme").delete(made.id, 2n))).toMatchObject(refusal);
      expect(await at("acme").get(made.id)).toMatchObject({ isSystem: true, scopes: [], revision: 2n });
    });

    it("roles.put: a common role may be made a system role, and from then on stays one", async () => {
      const made = role();
      await at("acme").put(made, 0n);
      const changed = { ...made, displayName: "Another", description: "Reads.", updatedAt: day(1) };
      expect(await at("acme").put(changed, 1n)).toBe(2n);
      expect(await at("acme").get(made.id)).toEqual({ ...changed, revision: 2n, tenantId: "acme" });
      const answers = await Promise.all(
        [true, false].map((isSystem) => outcomeOf(() => at("acme").put({ ...changed, isSystem }, 2n))),
      );
      expect(answers.filter((answer) => "error" in answer)).toMatchObject([{ error: "REVISION_CONFLICT" }]);
      await outcomeOf(() => at("acme").put({ ...changed, isSystem: true }, 3n));
      const stored = await at("acme").get(made.id);
      const back = await outcomeOf(() => at("acme").put(changed, stored?.revision ?? 0n));
      expect(back).toMatchObject({ error: "ROLE_SYSTEM" });
    });

    it("roles.findByName: gives the tenant's own before the shared one", async () => {
      const name = fresh("admin");
      expect(await at("acme").findByName(name)).toBeNull();
      await at("@global").put(role({ name, isSystem: true }), 0n);
      expect(await at("acme").findByName(name)).toMatchObject({ tenantId: "@global", isSystem: true });
      await at("acme").put(role({ name }), 0n);
      expect(await at("acme").findByName(name)).toMatchObject({ tenantId: "acme", isSystem: false });
      expect(await at("acme").findByName(name.toUpperCase())).toBeNull();
    });
  });
}
