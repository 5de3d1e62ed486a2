import type { AuthorityRepositories } from "@stellaops/authority";
import { outcomeOf } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, noon, tenant } from "../samples.ts";

/** One row a tenant: what the common contract stores several of for one tenant has no place here. */
export function tenantsContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (name: string) => rig().at(name).tenants;

  describe("tenants", () => {
    it("tenants.put: stores one row, changes it at its revision, and refuses a second of the same tenant", async () => {
      const made = tenant();
      expect(await at("acme").put(made, 0n)).toBe(1n);
      expect(await at("acme").put({ ...made, displayName: "Other" }, 1n)).toBe(2n);
      expect(await outcomeOf(() => at("acme").put(made, 1n))).toMatchObject({ error: "REVISION_CONFLICT" });
      const refusal = { error: "UNIQUE_VIOLATION", family: "integrity", constraint: "uq_tenants_tenant_id" };
      expect(await outcomeOf(() => at("acme").put(tenant(), 0n))).toMatchObject(refusal);
      expect(await at("umbrella").put(tenant(), 0n)).toBe(1n);
      expect(await at("acme").get(made.id)).toEqual({
        ...made,
        displayName: "Other",
        revision: 2n,
        tenantId: "acme",
      });
    });

    it("tenants.put: lets one of many win that create the row at once", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => outcomeOf(() => at("acme").put(tenant(), 0n))),
      );
      expect(outcomes.filter((outcome) => "value" in outcome)).toEqual([{ value: 1n }]);
      expect((await at("acme").list()).items).toHaveLength(1);
    });

    it("tenants.list and get: see the tenant's own and the shared one", async () => {
      const [own, shared, other] = [tenant(), tenant(), tenant()];
      await at("acme").put(own, 0n);
      await at("@global").put(shared, 0n);
      await at("umbrella").put(other, 0n);
      expect((await at("acme").list()).items.map(({ id }) => id)).toEqual([own.id, shared.id].toSorted());
      expect(await at("acme").get(other.id)).toBeNull();
      expect(await at("acme").get(shared.id)).toMatchObject({ tenantId: "@global" });
    });

    it("tenants.delete: removes the row at its revision", async () => {
      const made = tenant();
      await at("acme").put(made, 0n);
      expect(await outcomeOf(() => at("acme").delete(made.id, 2n))).toMatchObject({ error: "REVISION_CONFLICT" });
      await at("acme").delete(made.id, 1n);
      expect(await at("acme").current()).toBeNull();
    });

    it("tenants.current: gives the tenant's own, and never the shared one", async () => {
      expect(await at("acme").current()).toBeNull();
      await at("@global").put(tenant(), 0n);
      expect(await at("acme").current()).toBeNull();
      const made = tenant();
      await at("acme").put(made, 0n);
      expect(await at("acme").current()).toEqual({ ...made, revision: 1n, tenantId: "acme" });
      expect(await at("@global").current()).toMatchObject({ tenantId: "@global" });
    });

    it("tenants.suspend and resume: go between active and suspended, and from nowhere else", async () => {
      const made = tenant();
      expect(await at("acme").suspend(noon)).toBeNull();
      await at("acme").put(made, 0n);
      await at("@global").put(tenant(), 0n);
      expect(await at("acme").resume(noon)).toBeNull();
      const suspended = { ...made, status: "suspended", updatedAt: day(1), revision: 2n, tenantId: "acme" };
      expect(await at("acme").suspend(day(1))).toEqual(suspended);
      expect(await at("acme").suspend(day(2))).toBeNull();
      expect(await at("acme").resume(day(2))).toMatchObject({ status: "active", revision: 3n });
      await at("acme").put({ ...made, status: "deleted" }, 3n);
      expect([await at("acme").suspend(noon), await at("acme").resume(noon)]).toEqual([null, null]);
      expect(await at("@global").current()).toMatchObject({ status: "active", revision: 1n });
      const bad = new Date(Number.NaN);
      expect(await outcomeOf(() => at("acme").suspend(bad))).toMatchObject({ error: "VALUE_DATE", path: "updatedAt" });
    });

    it("tenants.suspend: gives the row to one of many", async () => {
      await at("acme").put(tenant(), 0n);
      const answers = await Promise.all(Array.from({ length: 8 }, () => at("acme").suspend(noon)));
      expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
    });
  });
}
