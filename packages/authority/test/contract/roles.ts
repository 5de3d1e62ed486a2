import type { AuthorityRepositories } from "@stellaops/authority";
import { repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { fresh, role } from "../samples.ts";

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
