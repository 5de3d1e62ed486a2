import type { AuthorityRepositories, User } from "@stellaops/authority";
import { inTurn, outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { fresh, newId, noon, phc, role, user } from "../samples.ts";

export function usersContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).users;
  repositoryContract({
    name: "users",
    repository: at,
    make: (id) => user(id === undefined ? {} : { id }),
    changed: (was): User => ({ ...was, email: null, status: "disabled", passwordHash: null, attributes: { "": [] } }),
    twin: ({ username }) => user({ username: username.toUpperCase() }),
    constraint: "uq_users_username_folded",
    registered: () => rig().registered,
  });

  describe("users, particular", () => {
    it("users.findByUsername and findByEmail: ignore case, and give the tenant's own before the shared one", async () => {
      const [username, email] = [fresh("Ångström"), `${fresh("Ada")}@Example.ORG`];
      expect(await at("acme").findByUsername(username)).toBeNull();
      await at("@global").put(user({ username, email }), 0n);
      expect(await at("acme").findByUsername(username.toLowerCase())).toMatchObject({ tenantId: "@global", username });
      const own = user({ username: username.toUpperCase(), email: email.toLowerCase() });
      await at("acme").put(own, 0n);
      // The ring as a mark of its own is the same letter.
      expect(await at("acme").findByUsername(username.normalize("NFD"))).toMatchObject({ id: own.id });
      expect(await at("acme").findByEmail(email.toUpperCase())).toMatchObject({ id: own.id, tenantId: "acme" });
      expect(await at("umbrella").findByEmail(email)).toMatchObject({ tenantId: "@global" });
      expect(await at("acme").findByUsername(`${username} `)).toBeNull();
      expect(await outcomeOf(() => at("acme").findByUsername("\0"))).toMatchObject({ error: "VALUE_NUL" });
      expect(await outcomeOf(() => at("acme").findByEmail("\ud800"))).toMatchObject({ path: "email" });
      await at("acme").put(user({ email: null }), 0n);
      const nobody = await outcomeOf(() => at("acme").findByEmail(null as never));
      expect(nobody).toMatchObject({ error: "VALUE_NULL", family: "data", path: "email" });
    });

    it("users.put: refuses a second address in another case, and takes any number without one", async () => {
      const email = "ada@example.org";
      await at("acme").put(user({ email }), 0n);
      const second = await outcomeOf(() => at("acme").put(user({ email: "ADA@example.org" }), 0n));
      expect(second).toMatchObject({ error: "UNIQUE_VIOLATION", constraint: "uq_users_email_folded" });
      await inTurn([1, 2, 3], () => at("acme").put(user({ email: null }), 0n));
    });

    it("users.put: refuses what is no hash, without telling it", async () => {
      for (const passwordHash of [
        "correct horse battery staple",
        "",
        "$argon2id$",
        phc("x").slice(1),
        phc("x").replace(/[^$]+$/, ""),
      ]) {
        const refused = await outcomeOf(() => at("acme").put(user({ passwordHash }), 0n));
        expect(refused).toMatchObject({ error: "SECRET_PLAIN", family: "data", path: "passwordHash" });
      }
    });

    it("users.put: grants roles that are there, and no others", async () => {
      const [own, shared, missing] = [role(), role(), newId()];
      await rig().at("acme").roles.put(own, 0n);
      await rig().at("@global").roles.put(shared, 0n);
      const grantOf = (roleId: string) => ({ roleId, grantedBy: "root", grantedAt: noon, expiresAt: null });
      const made = user({ roles: [own.id, shared.id].map(grantOf).toReversed() });
      expect(await at("acme").put(made, 0n)).toBe(1n);
      const stored = await at("acme").get(made.id);
      expect(stored?.roles.map(({ roleId }) => roleId)).toEqual([own.id, shared.id].toSorted());
      const more = { ...made, roles: [...made.roles, grantOf(missing)] };
      const refusal = { error: "ROLE_MISSING", family: "not-found" };
      expect(await outcomeOf(() => at("acme").put(more, 1n))).toMatchObject(refusal);
      expect(await outcomeOf(() => at("umbrella").put({ ...more, roles: [grantOf(own.id)] }, 0n))).toMatchObject(
        refusal,
      );
      expect(await at("acme").put({ ...made, roles: [grantOf(own.id)] }, 1n)).toBe(2n);
      expect(await at("acme").put({ ...made, roles: [] }, 2n)).toBe(3n);
      expect(await at("acme").get(made.id)).toMatchObject({ roles: [], revision: 3n });
    });
  });
}
