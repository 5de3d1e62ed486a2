import { hashReference, type AuthorityRepositories, type Token } from "@stellaops/authority";
import { inTurn, outcomeOf, repositoryContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, fresh, noon, token } from "../samples.ts";

export function tokensContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).tokens;
  repositoryContract({
    name: "tokens",
    repository: at,
    make: (id) => token(id === undefined ? {} : { id }),
    changed: (was): Token => ({ ...was, referenceHash: null, status: "revoked", revokedAt: day(1), payload: [] }),
    twin: ({ referenceHash }) => token({ referenceHash }),
    constraint: "uq_tokens_reference_hash",
    registered: () => rig().registered,
  });
  const stored = async (over: Partial<Token> = {}) => {
    const made = token(over);
    await at("acme").put(made, 0n);
    return { made, referenceHash: made.referenceHash ?? "" };
  };

  describe("tokens, particular", () => {
    it("tokens.put: refuses a reference that is not hashed, and takes several without one", async () => {
      for (const referenceHash of ["a reference", hashReference("x").toUpperCase(), hashReference("x").slice(1)]) {
        const refused = await outcomeOf(() => at("acme").put(token({ referenceHash }), 0n));
        expect(refused).toMatchObject({ error: "SECRET_PLAIN", path: "referenceHash" });
      }
      const asked = await outcomeOf(() => at("acme").findByReference("a reference"));
      expect(asked).toMatchObject({ error: "SECRET_PLAIN", path: "referenceHash" });
      await inTurn([1, 2], () => at("acme").put(token({ referenceHash: null }), 0n));
    });

    it("tokens.findByReference: gives the tenant's own before the shared one, in whatever state", async () => {
      const referenceHash = hashReference(fresh("r"));
      await at("@global").put(token({ referenceHash, status: "revoked" }), 0n);
      expect(await at("acme").findByReference(referenceHash)).toMatchObject({ tenantId: "@global" });
      await at("acme").put(token({ referenceHash, status: "redeemed" }), 0n);
      expect(await at("acme").findByReference(referenceHash)).toMatchObject({ tenantId: "acme" });
      expect(await at("acme").findByReference(hashReference("none"))).toBeNull();
    });

    it("tokens.redeemOnce: gives the token to one of many, and tells the others", async () => {
      const { made, referenceHash } = await stored();
      const answers = await Promise.all(
        Array.from({ length: 25 }, (_, i) => at("acme").redeemOnce({ referenceHash, by: `caller ${i}`, at: day(1) })),
      );
      const [won, ...others] = answers.toSorted((a, b) => Number(a.token === null) - Number(b.token === null));
      const redeemedBy = won?.token?.redeemedBy ?? "";
      const redeemed = { ...made, status: "redeemed", redeemedAt: day(1), redeemedBy, updatedAt: day(1) };
      expect(won).toEqual({ token: { ...redeemed, revision: 2n, tenantId: "acme" }, refused: null });
      expect(answers.findIndex(({ token: mine }) => mine !== null)).toBe(Number(redeemedBy.replace("caller ", "")));
      expect(others).toEqual(others.map(() => ({ token: null, refused: "redeemed" })));
      expect(await at("acme").get(made.id)).toEqual(won?.token);
    });

    it("tokens.redeemOnce: says why not", async () => {
      const redeem = (referenceHash: string, when = noon) =>
        at("acme").redeemOnce({ referenceHash, by: "me", at: when });
      const revoked = await stored({ status: "revoked" });
      const closed = await stored({ status: "expired" });
      const brief = await stored({ expiresAt: day(1) });
      expect(await redeem(hashReference("none"))).toEqual({ token: null, refused: "missing" });
      expect(await redeem(revoked.referenceHash)).toEqual({ token: null, refused: "revoked" });
      expect(await redeem(closed.referenceHash)).toEqual({ token: null, refused: "expired" });
      expect(await redeem(brief.referenceHash, day(1))).toEqual({ token: null, refused: "expired" });
      const last = new Date(day(1).getTime() - 1);
      expect(await redeem(brief.referenceHash, last)).toMatchObject({ refused: null });
      const shared = token();
      await at("@global").put(shared, 0n);
      expect(await redeem(shared.referenceHash ?? "")).toEqual({ token: null, refused: "missing" });
      expect(await outcomeOf(() => redeem("plain"))).toMatchObject({ error: "SECRET_PLAIN" });
      expect(await outcomeOf(() => redeem(revoked.referenceHash, new Date(Number.NaN)))).toMatchObject({
        error: "VALUE_DATE",
      });
    });

    it("tokens.redeemOnce: null, which names no token, is refused, also where a token has no reference", async () => {
      const { made } = await stored({ referenceHash: null });
      const none = null as never;
      const refused = { error: "VALUE_NULL", family: "data" };
      const asked = { referenceHash: none, by: "me", at: noon };
      expect(await outcomeOf(() => at("acme").redeemOnce(asked))).toMatchObject({ ...refused, path: "referenceHash" });
      expect(await outcomeOf(() => at("acme").findByReference(none))).toMatchObject(refused);
      expect(await at("acme").get(made.id)).toMatchObject({ status: "valid", revision: 1n });
    });

    it("tokens.revoke: valid to revoked, once", async () => {
      const { made } = await stored();
      const revoke = () => at("acme").revoke(made.tokenId, { at: day(1), reason: "lost" });
      const answers = await Promise.all(Array.from({ length: 5 }, revoke));
      const revoked = { ...made, status: "revoked", revokedAt: day(1), revokedReason: "lost", updatedAt: day(1) };
      expect(answers.filter((answer) => answer !== null)).toEqual([{ ...revoked, revision: 2n, tenantId: "acme" }]);
      expect(await at("umbrella").revoke(made.tokenId, { at: noon, reason: "x" })).toBeNull();
      const bad = await outcomeOf(() => at("acme").revoke(made.tokenId, { at: noon, reason: "\0" }));
      expect(bad).toMatchObject({ error: "VALUE_NUL", path: "revokedReason" });
    });

    it.each([
      { verb: "revokeBySubject", by: "subject" },
      { verb: "revokeByClient", by: "clientId" },
    ] as const)("tokens.$verb: oldest first, in batches, to the end", async ({ by }) => {
      const of = fresh(by);
      const made = await inTurn([3, 1, 2, 5, 4], async (n) => (await stored({ [by]: of, issuedAt: day(-n) })).made);
      await stored({ [by]: of, status: "redeemed" });
      const other = await stored();
      await rig()
        .at("@global")
        .tokens.put(token({ [by]: of }), 0n);
      const revoke = (limit: number) => {
        const how = { at: day(1), reason: "left", limit };
        return by === "subject" ? at("acme").revokeBySubject(of, how) : at("acme").revokeByClient(of, how);
      };
      expect(await revoke(2)).toBe(2);
      const states = await inTurn(made, async ({ id }) => (await at("acme").get(id))?.status);
      expect(states).toEqual(["valid", "valid", "valid", "revoked", "revoked"]);
      expect(await inTurn([2, 2, 2], revoke)).toEqual([2, 1, 0]);
      expect(await at("acme").get(made[0]!.id)).toMatchObject({
        status: "revoked",
        revokedAt: day(1),
        revokedReason: "left",
        updatedAt: day(1),
        revision: 2n,
      });
      expect(await at("acme").get(other.made.id)).toMatchObject({ status: "valid", revision: 1n });
      for (const limit of [0, 1_001, 1.5])
        expect(await outcomeOf(() => revoke(limit))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it("tokens.revokeBySubject: of many at once each token is revoked once, and none is left", async () => {
      const subject = fresh("subject");
      await inTurn(Array.from({ length: 12 }), () => stored({ subject }));
      const untilNone = async () => {
        let all = 0;
        for (;;) {
          const n = await at("acme").revokeBySubject(subject, { at: noon, reason: "left", limit: 2 });
          all += n;
          if (n > 0) continue;
          const left = await whole((request) => at("acme").listBySubject(subject, request));
          return { all, left: left.filter(({ status }) => status === "valid").length };
        }
      };
      const counts = await Promise.all(Array.from({ length: 4 }, untilNone));
      expect(counts.reduce((sum, { all }) => sum + all, 0)).toBe(12);
      // Who was told that there is nothing left found nothing, also where others had just taken what it had chosen.
      expect(counts.map(({ left }) => left)).toEqual([0, 0, 0, 0]);
      const found = await whole((request) => at("acme").listBySubject(subject, request));
      expect(found.map(({ status, revision }) => ({ status, revision }))).toEqual(
        found.map(() => ({ status: "revoked", revision: 2n })),
      );
    });

    it("tokens.listBySubject: newest first, then id descending, own and shared", async () => {
      const subject = fresh("subject");
      const made = await inTurn([2, 1, 3, 1, 1], async (n) => (await stored({ subject, issuedAt: day(n) })).made);
      const shared = token({ subject, issuedAt: day(1) });
      await at("@global").put(shared, 0n);
      await stored();
      const found = await whole((request) => at("acme").listBySubject(subject, request));
      expect(found.map(({ issuedAt }) => issuedAt)).toEqual([3, 2, 1, 1, 1, 1].map(day));
      const tied = [made[1]!, made[3]!, made[4]!, shared].map(({ id }) => id);
      expect(found.slice(2).map(({ id }) => id)).toEqual(tied.toSorted().toReversed());
    });

    it("tokens.purgeExpired: deletes what expired before, in batches, own ones only", async () => {
      const made = await inTurn([-3, -1, -2, 1, 0], async (n) => (await stored({ expiresAt: day(n) })).made);
      const shared = token({ expiresAt: day(-9) });
      await at("@global").put(shared, 0n);
      expect(await at("acme").purgeExpired(noon, 2)).toBe(2);
      expect(await at("acme").get(made[1]!.id)).not.toBeNull();
      expect(await at("acme").purgeExpired(noon, 2)).toBe(1);
      expect(await at("acme").purgeExpired(noon, 2)).toBe(0);
      expect(await whole((request) => at("acme").list(request))).toHaveLength(3);
      expect(await outcomeOf(() => at("acme").purgeExpired(noon, 0))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it("tokens.purgeExpired: of many at once each deletes others", async () => {
      await inTurn(Array.from({ length: 9 }), () => stored({ expiresAt: day(-1) }));
      const counts = await Promise.all(Array.from({ length: 4 }, () => at("acme").purgeExpired(noon, 3)));
      const rest = (await at("acme").list()).items.length;
      expect(counts.reduce((sum, n) => sum + n, 0)).toBe(9 - rest);
    });
  });
}
