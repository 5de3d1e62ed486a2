import { inTurn, outcomeOf, repositoryContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { PolicyRepositories, RiskProfile } from "../../src/index.ts";
import { fresh, minute, noon, riskProfile } from "../samples.ts";

export function riskProfilesContract(rig: () => Rig<PolicyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).riskProfiles;
  const acme = () => at("acme");
  const stored = async (over: Partial<RiskProfile> = {}, tenant = "acme"): Promise<RiskProfile> => {
    const made = riskProfile(over);
    await at(tenant).put(made, 0n);
    return made;
  };
  const versions = (profileId: string, n: number) =>
    inTurn(
      Array.from({ length: n }, (_, i) => `${i}.0`),
      (version) => stored({ profileId, version }),
    );
  const activeOf = async (profileId: string): Promise<readonly string[]> =>
    (await whole((request) => acme().history(profileId, request)))
      .filter(({ isActive }) => isActive)
      .map(({ version }) => version);
  repositoryContract({
    name: "riskProfiles",
    repository: at,
    make: (id) => riskProfile(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, parentId: "default", weights: { cvss: 1 }, isActive: true }),
    twin: ({ profileId, version }) => riskProfile({ profileId, version }),
    constraint: "uq_risk_profiles_profile_id_version",
    registered: () => rig().registered,
  });

  describe("riskProfiles, particular", () => {
    it("riskProfiles.activate: puts one version into force and takes the one before out", async () => {
      const profileId = fresh("p");
      const [first, second] = await versions(profileId, 2);
      const one = await acme().activate({ profileId, version: "0.0", at: minute(1) });
      expect(one).toEqual({ ...first, isActive: true, updatedAt: minute(1), revision: 2n, tenantId: "acme" });
      const two = await acme().activate({ profileId, version: "1.0", at: minute(2) });
      expect(two).toEqual({ ...second, isActive: true, updatedAt: minute(2), revision: 2n, tenantId: "acme" });
      expect(await acme().get(first!.id)).toMatchObject({ isActive: false, updatedAt: minute(2), revision: 3n });
      expect(await acme().findActive(profileId)).toEqual(two);
      // What is in force already is left as it is.
      expect(await acme().activate({ profileId, version: "1.0", at: minute(3) })).toEqual(two);
    });

    it("riskProfiles.activate: null for what is not the tenant's own, and then nothing is changed", async () => {
      const profileId = fresh("p");
      const [first] = await versions(profileId, 1);
      await acme().activate({ profileId, version: "0.0", at: noon });
      await stored({ profileId, version: "shared" }, "@global");
      expect(await acme().activate({ profileId, version: "shared", at: noon })).toBeNull();
      expect(await acme().activate({ profileId, version: "none", at: noon })).toBeNull();
      expect(await acme().get(first!.id)).toMatchObject({ isActive: true, revision: 2n });
      const bad = outcomeOf(() => acme().activate({ profileId: null as never, version: "0.0", at: noon }));
      expect(await bad).toMatchObject({ error: "VALUE_INVALID", path: "profileId" });
    });

    it("riskProfiles.activate: of many at once one is in force at the end, and every one that was told so was", async () => {
      const profileId = fresh("p");
      const all = await versions(profileId, 6);
      const answers = await Promise.all(
        all.map(({ version }) => acme().activate({ profileId, version, at: minute(1) })),
      );
      expect(answers.map((answer) => answer?.isActive)).toEqual(all.map(() => true));
      const active = await activeOf(profileId);
      expect(active).toHaveLength(1);
      const revisions = await inTurn(all, async ({ id }) => String((await acme().get(id))?.revision));
      // Into force once each, and out of it once each but the last.
      expect(revisions.toSorted()).toEqual(["2", "3", "3", "3", "3", "3"]);
    });

    it("riskProfiles.activate: against each other's reactivation at once, one stays", async () => {
      const profileId = fresh("p");
      await versions(profileId, 2);
      for (let i = 0; i < 6; i += 1) {
        await Promise.all(
          ["0.0", "1.0", "0.0", "1.0"].map((version) => acme().activate({ profileId, version, at: noon })),
        );
        expect(await activeOf(profileId)).toHaveLength(1);
      }
    });

    it("riskProfiles.put: a second in force is refused by the key, of another profile or tenant it is not", async () => {
      const profileId = fresh("p");
      await versions(profileId, 2);
      await acme().activate({ profileId, version: "0.0", at: noon });
      const second = (await acme().history(profileId)).items.find(({ isActive }) => !isActive)!;
      const constraint = "uq_risk_profiles_profile_id";
      const refusal = { error: "UNIQUE_VIOLATION", family: "integrity", constraint };
      expect(await outcomeOf(() => acme().put({ ...second, isActive: true }, 1n))).toMatchObject(refusal);
      const third = riskProfile({ profileId, version: "3.0", isActive: true });
      expect(await outcomeOf(() => acme().put(third, 0n))).toMatchObject(refusal);
      expect(await at("umbrella").put(third, 0n)).toBe(1n);
      expect(await acme().put({ ...third, profileId: fresh("other") }, 0n)).toBe(1n);
    });

    it("riskProfiles.findActive: the tenant's own in force before the shared one, else null", async () => {
      const profileId = fresh("p");
      expect(await acme().findActive(profileId)).toBeNull();
      await stored({ profileId });
      expect(await acme().findActive(profileId)).toBeNull();
      await stored({ profileId, isActive: true }, "@global");
      expect(await acme().findActive(profileId)).toMatchObject({ tenantId: "@global" });
      await acme().activate({ profileId, version: "1.0.0", at: noon });
      expect(await acme().findActive(profileId)).toMatchObject({ tenantId: "acme" });
      expect(await outcomeOf(() => acme().findActive("\0"))).toMatchObject({ error: "VALUE_NUL", path: "profileId" });
    });

    it("riskProfiles.history: newest first, own and shared, of that profile alone", async () => {
      const profileId = fresh("p");
      await inTurn([3, 1, 2, 2], (n) => stored({ profileId, version: fresh("v"), createdAt: minute(n) }));
      await stored({ profileId, createdAt: minute(2) }, "@global");
      await stored();
      const listed = await whole((request) => acme().history(profileId, request));
      expect(listed.map(({ createdAt }) => createdAt)).toEqual([3, 2, 2, 2, 1].map(minute));
      const ids = listed.slice(1, 4).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted().toReversed());
    });
  });
}
