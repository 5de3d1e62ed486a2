import type { AuthorityRepositories } from "@stellaops/authority";
import { inTurn, outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, noon, revocation } from "../samples.ts";

export function revocationsContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).revocations;
  repositoryContract({
    name: "revocations",
    repository: at,
    make: (id) => revocation(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, reasonText: "It was found.", expiresAt: day(9), tokenKind: null, scopes: ["a"] }),
    twin: ({ category, revocationId }) => revocation({ category, revocationId }),
    constraint: "uq_revocations_category_revocation_id",
    registered: () => rig().registered,
  });

  describe("revocations, particular", () => {
    const id = (n: number): string => `01890000-0000-7000-8000-00000000000${n}`;

    it("revocations.listActive: effective and not expired, by category, id and tenant, with the digest of all databases", async () => {
      const own = [
        revocation({ id: id(1), category: "token", revocationId: "\uffff" }),
        revocation({ id: id(2), category: "token", revocationId: "\u{1f600}", metadata: { b: 1, a: [null] } }),
        revocation({ id: id(3), category: "client", revocationId: "z", expiresAt: day(2) }),
        revocation({ id: id(4), category: "token", revocationId: "B", effectiveAt: day(1), revokedAt: day(-1) }),
      ];
      await inTurn(own, (one) => at("acme").put(one, 0n));
      await at("@global").put(revocation({ id: id(5), category: "token", revocationId: "B" }), 0n);
      await at("umbrella").put(revocation(), 0n);
      const listed = async (when: Date) => (await at("acme").listActive(when)).items.map(({ id: of }) => of.slice(-1));
      expect(await listed(noon)).toEqual(["3", "5", "1", "2"]);
      expect(await listed(day(1))).toEqual(["3", "5", "4", "1", "2"]);
      expect(await listed(day(2))).toEqual(["5", "4", "1", "2"]);
      expect(await listed(day(-1))).toEqual([]);
      const { digest } = await at("acme").listActive(day(1));
      expect(digest).toBe("548085156602b24aac38c5ff4e66f23165de637e27e7c0c865e919a48676a1b7");
      expect((await at("acme").listActive(day(1))).digest).toBe(digest);
      expect((await at("acme").listActive(day(2))).digest).not.toBe(digest);
      const bad = await outcomeOf(() => at("acme").listActive(new Date(Number.NaN)));
      expect(bad).toMatchObject({ error: "VALUE_DATE", path: "effectiveAt" });
    });

    it("revocations.listActive: changes its digest with anything that an item says, and not with its revision", async () => {
      const one = revocation();
      await at("acme").put(one, 0n);
      const { digest } = await at("acme").listActive(noon);
      await at("acme").put(one, 1n);
      expect((await at("acme").listActive(noon)).digest).toBe(digest);
      await at("acme").put({ ...one, reasonText: "x" }, 2n);
      expect((await at("acme").listActive(noon)).digest).not.toBe(digest);
    });
  });
}
