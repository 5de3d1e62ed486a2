import type { AuthorityRepositories } from "@stellaops/authority";
import { inTurn, outcomeOf, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, newId, noon, role, user } from "../samples.ts";

/** Grants, and the deletion of what is granted. */
export function userRolesContract(rig: () => Rig<AuthorityRepositories>): void {
  const on = (tenant: string) => rig().at(tenant);
  const stored = async (tenant = "acme") => {
    const [one, held] = [user(), role()];
    await on(tenant).users.put(one, 0n);
    await on(tenant).roles.put(held, 0n);
    return { one, held, ids: { userId: one.id, roleId: held.id } };
  };
  const terms = { grantedBy: "root", expiresAt: null, at: day(1) };

  describe("users, roles of", () => {
    it("users.grantRole: gives the user with the role, and replaces a grant that is there", async () => {
      const { one, held, ids } = await stored();
      const granted = { roleId: held.id, grantedBy: "root", grantedAt: day(1), expiresAt: null };
      const stands = { ...one, roles: [granted], updatedAt: day(1), revision: 2n, tenantId: "acme" };
      expect(await on("acme").users.grantRole({ ...ids, ...terms })).toEqual(stands);
      expect(await on("acme").users.get(one.id)).toEqual(stands);
      const again = await on("acme").users.grantRole({ ...ids, grantedBy: "ada", expiresAt: day(9), at: day(2) });
      expect(again.roles).toEqual([{ ...granted, grantedBy: "ada", grantedAt: day(2), expiresAt: day(9) }]);
      expect(again.revision).toBe(3n);
    });

    it("users.grantRole: refuses a role and a user that are not there, and what is no id", async () => {
      const { one, held, ids } = await stored();
      const grant = (over: object) => outcomeOf(() => on("acme").users.grantRole({ ...ids, ...terms, ...over }));
      expect(await grant({ roleId: newId() })).toMatchObject({ error: "ROLE_MISSING", family: "not-found" });
      expect(await grant({ userId: newId() })).toMatchObject({ error: "NOT_FOUND", family: "not-found" });
      expect(await grant({ roleId: "x" })).toMatchObject({ error: "VALUE_ID", path: "roles.0.roleId" });
      expect(await grant({ userId: "x" })).toMatchObject({ error: "VALUE_ID", path: "id" });
      expect(await grant({ grantedBy: "\0" })).toMatchObject({ error: "VALUE_NUL" });
      await on("acme").roles.delete(held.id, 1n);
      expect(await grant({})).toMatchObject({ error: "ROLE_MISSING" });
      expect(await on("acme").users.get(one.id)).toMatchObject({ roles: [], revision: 1n });
    });

    it("users.grantRole: grants shared roles, and changes no shared user", async () => {
      const { ids } = await stored("@global");
      expect(await outcomeOf(() => on("acme").users.grantRole({ ...ids, ...terms }))).toMatchObject({
        error: "NOT_FOUND",
      });
      const own = user();
      await on("acme").users.put(own, 0n);
      const granted = await on("acme").users.grantRole({ ...ids, userId: own.id, ...terms });
      expect(granted.roles).toHaveLength(1);
    });

    it("users.grantRole: keeps every one of many at once", async () => {
      const { one } = await stored();
      const all = Array.from({ length: 8 }, () => role());
      await inTurn(all, (each) => on("acme").roles.put(each, 0n));
      await Promise.all(all.map(({ id }) => on("acme").users.grantRole({ userId: one.id, roleId: id, ...terms })));
      const found = await on("acme").users.get(one.id);
      expect(found?.roles.map(({ roleId }) => roleId)).toEqual(all.map(({ id }) => id).toSorted());
      expect(found?.revision).toBe(9n);
    });

    it("users.revokeRole: takes it away once", async () => {
      const { one, ids } = await stored();
      await on("acme").users.grantRole({ ...ids, ...terms });
      const revoke = () => on("acme").users.revokeRole({ ...ids, at: day(2) });
      const answers = await Promise.all(Array.from({ length: 4 }, revoke));
      expect(answers.filter((answer) => answer !== null)).toEqual([
        { ...one, updatedAt: day(2), revision: 3n, tenantId: "acme" },
      ]);
      expect(await on("umbrella").users.revokeRole({ ...ids, at: noon })).toBeNull();
      const bad = await outcomeOf(() => on("acme").users.revokeRole({ ...ids, roleId: "x", at: noon }));
      expect(bad).toMatchObject({ error: "VALUE_ID", path: "roles.0.roleId" });
    });

    it("users.listByRole: own and shared by id, to whom it is granted at that instant", async () => {
      const { held } = await stored("@global");
      const holders = await inTurn([null, day(5), day(6), day(4)], async (expiresAt) => {
        const one = user();
        await on("acme").users.put(one, 0n);
        await on("acme").users.grantRole({ userId: one.id, roleId: held.id, ...terms, expiresAt });
        return one.id;
      });
      const shared = user();
      await on("@global").users.put(shared, 0n);
      await on("@global").users.grantRole({ userId: shared.id, roleId: held.id, ...terms });
      await on("acme").users.put(user(), 0n);
      const listed = async (when: Date) =>
        (await whole((request) => on("acme").users.listByRole(held.id, when, request))).map(({ id }) => id);
      expect(await listed(day(3))).toEqual([...holders, shared.id].toSorted());
      const later = [holders[0]!, holders[2]!, shared.id];
      expect(await listed(day(5))).toEqual(later.toSorted());
      expect(await on("umbrella").users.listByRole(held.id, noon)).toMatchObject({ items: [{ id: shared.id }] });
      const { next } = await on("acme").users.listByRole(held.id, noon, { limit: 1 });
      const foreign = await outcomeOf(() => on("acme").users.listByRole(held.id, day(1), { after: next }));
      expect(foreign).toMatchObject({ error: "CURSOR_FOREIGN" });
    });
  });

  describe("roles, granted", () => {
    it("roles.delete: refuses while granted, expired grants included, unless forced", async () => {
      const { one, held, ids } = await stored();
      const other = user();
      await on("acme").users.put(other, 0n);
      await on("acme").users.grantRole({ ...ids, ...terms, expiresAt: day(2) });
      await on("acme").users.grantRole({ ...ids, ...terms, userId: other.id });
      const remove = (expected: bigint, forced?: { at: Date }) =>
        outcomeOf(() => on("acme").roles.delete(held.id, expected, forced));
      expect(await remove(1n)).toMatchObject({ error: "ROLE_GRANTED", family: "conflict" });
      expect(await remove(2n)).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await remove(2n, { at: day(9) })).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await on("acme").users.get(one.id)).toMatchObject({ revision: 2n });
      expect(await remove(1n, { at: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE" });
      expect(await remove(1n, { at: day(9) })).toEqual({ value: undefined });
      for (const { id } of [one, other])
        expect(await on("acme").users.get(id)).toMatchObject({ roles: [], revision: 3n, updatedAt: day(9) });
      expect(await on("acme").roles.get(held.id)).toBeNull();
    });

    it("roles.delete: never deletes a system role, nor a shared one, forced or not", async () => {
      const [system, shared] = [role({ isSystem: true }), role()];
      await on("acme").roles.put(system, 0n);
      await on("@global").roles.put(shared, 0n);
      const refusal = { error: "ROLE_SYSTEM", family: "conflict" };
      for (const forced of [undefined, { at: noon }]) {
        expect(await outcomeOf(() => on("acme").roles.delete(system.id, 1n, forced))).toMatchObject(refusal);
        expect(await outcomeOf(() => on("@global").roles.delete(shared.id, 1n, forced))).toMatchObject(refusal);
      }
      expect(await on("acme").roles.list()).toMatchObject({ items: [{ revision: 1n }, { revision: 1n }] });
    });

    it("roles.delete: and a grant at the same time do not pass each other by", async () => {
      for (let turn = 0; turn < 12; turn += 1) {
        const { one, held, ids } = await stored();
        const grant = () => on("acme").users.grantRole({ ...ids, ...terms });
        const put = () =>
          on("acme").users.put(
            user({ roles: [{ roleId: held.id, grantedBy: "x", grantedAt: noon, expiresAt: null }] }),
            0n,
          );
        const remove = () => on("acme").roles.delete(held.id, 1n);
        const grants = turn % 2 === 0 ? grant : put;
        const [granted, removed] = await Promise.all([outcomeOf(grants), outcomeOf(remove)]);
        const [gave, took] = ["value" in granted, "value" in removed];
        // Both, and somebody holds a role that is not there.
        expect({ turn, gave, took }).toEqual({ turn, gave, took: !gave });
        expect(gave ? removed : granted).toMatchObject({ error: gave ? "ROLE_GRANTED" : "ROLE_MISSING" });
        const { items } = await on("acme").users.listByRole(held.id, noon);
        expect(items).toHaveLength(gave ? 1 : 0);
        await on("acme").users.get(one.id);
      }
    });
  });
}
