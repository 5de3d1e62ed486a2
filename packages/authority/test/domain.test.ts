import { isDeepStrictEqual } from "node:util";
import { afterFailure, afterSuccess, isLocked, periodOf, windowOf, type User } from "@stellaops/authority";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { authorization } from "../src/domain/authorization.ts";
import { consumed, refusalOf as refusalOfLicense } from "../src/domain/license-consumption.ts";
import { refusalOf } from "../src/domain/redemption.ts";
import { revocationList } from "../src/domain/revocation-list.ts";
import { newRoles } from "../src/domain/roles.ts";
import { day, license, newId, noon, revocation, seconds, serviceAccount } from "./samples.ts";

/** What a property does not hold for; null where none was found. */
const against = <T>(property: fc.IProperty<T>): T | null =>
  fc.check<T>(property, { seed: 1, numRuns: 500 }).counterexample;

type State = Pick<User, "status" | "failedAttempts" | "lockedUntil">;
const state: fc.Arbitrary<State> = fc.record({
  status: fc.constantFrom<User["status"]>("active", "disabled", "locked"),
  failedAttempts: fc.bigInt({ min: 0n, max: 20n }),
  lockedUntil: fc.option(fc.integer({ min: -100, max: 100 }).map(seconds), { nil: null }),
});
const clean: State = { status: "active", failedAttempts: 0n, lockedUntil: null };
const at = fc.integer({ min: -100, max: 100 }).map(seconds);
const rule = fc.record({ threshold: fc.integer({ min: 1, max: 9 }), lockForMs: fc.integer({ min: 1, max: 90_000 }) });

describe("lockout", () => {
  it("afterFailure: the failure that reaches the threshold locks, none before it, and none after it prolongs the lock", () => {
    const property = fc.property(rule, fc.integer({ min: 1, max: 20 }), (of, failures) => {
      let now = clean;
      for (let i = 0; i < failures; i += 1) now = afterFailure(now, of, seconds(i / 1_000));
      const until = new Date(noon.getTime() + of.threshold - 1 + of.lockForMs);
      const locked = { status: "locked", failedAttempts: BigInt(failures), lockedUntil: until };
      // Within the shortest of locks and twenty failures none has run out, or counting began anew.
      return of.lockForMs < 20 || failures < of.threshold
        ? failures >= of.threshold || (now.status === "active" && now.lockedUntil === null)
        : isDeepStrictEqual(now, locked);
    });
    expect(against(property)).toBeNull();
  });

  it("afterFailure: never enables, never unlocks before the time, and keeps nobody active at the threshold", () => {
    const property = fc.property(state, rule, at, (before, of, when) => {
      const after = afterFailure(before, of, when);
      const { status, lockedUntil } = before;
      if (status === "disabled") return after.status === "disabled";
      if (isLocked(before, when)) return after.status === "locked" && after.lockedUntil === lockedUntil;
      return (after.status === "locked") === after.failedAttempts >= BigInt(of.threshold);
    });
    expect(against(property)).toBeNull();
  });

  it("afterSuccess: lets in exactly who is neither disabled nor under a lock, and leaves nothing behind", () => {
    const property = fc.property(state, at, (before, when) => {
      const out = before.status === "disabled" || isLocked(before, when);
      return isDeepStrictEqual(afterSuccess(before, when), out ? null : clean);
    });
    expect(against(property)).toBeNull();
  });
});

describe("redemption, roles, authorization", () => {
  it("refusalOf: a token is redeemable while it is valid and before it expires, and at no other time", () => {
    const statuses = fc.constantFrom("valid", "redeemed", "revoked", "expired");
    const property = fc.property(statuses, at, at, (status, expiresAt, when) => {
      const open = status === "valid" && when.getTime() < expiresAt.getTime();
      return (refusalOf({ status, expiresAt }, when) === null) === open;
    });
    expect(against(property)).toBeNull();
    expect(refusalOf(null, noon)).toBe("missing");
  });

  it("newRoles: exactly those that were not there before", () => {
    const some = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"));
    const rolesOf = (ids: readonly string[]) => ({
      roles: ids.map((roleId) => ({ roleId, grantedBy: "", grantedAt: noon, expiresAt: null })),
    });
    const property = fc.property(some, some, (before, after) => {
      const added = after.filter((id) => !before.includes(id));
      return isDeepStrictEqual(newRoles(rolesOf(before), rolesOf(after)), added);
    });
    expect(against(property)).toBeNull();
    expect(newRoles(null, rolesOf(["a"]))).toEqual(["a"]);
  });

  it("authorization: all that is allowed, or the missing", () => {
    const some = fc.uniqueArray(fc.constantFrom("a", "b", "c"));
    const property = fc.property(some, some, (allowedScopes, scopes) => {
      const given = authorization(serviceAccount({ allowedScopes }), { accountId: "x", clientId: "cli", scopes });
      const missing = scopes.filter((scope) => !allowedScopes.includes(scope));
      const refused = missing.length === 0 ? null : "scope";
      return isDeepStrictEqual(given, { refused, scopes: refused === null ? scopes : missing });
    });
    expect(against(property)).toBeNull();
  });
});

describe("licenses", () => {
  it("windowOf: early, open, over, in this order; a window that ends before it begins is never open", () => {
    const one = license({ validFrom: day(0), validTo: day(1) });
    const instants = [new Date(noon.getTime() - 1), noon, new Date(day(1).getTime() - 1), day(1)];
    expect(instants.map((when) => windowOf(one, when))).toEqual(["early", "open", "open", "over"]);
    const property = fc.property(at, at, at, (validFrom, validTo, when) => {
      const open = when.getTime() >= validFrom.getTime() && when.getTime() < validTo.getTime();
      return (windowOf({ validFrom, validTo }, when) === "open") === open;
    });
    expect(against(property)).toBeNull();
  });

  it("periodOf: names the period in UTC, and orders as time does", () => {
    const last = new Date("2026-12-31T23:59:59.999Z");
    const units = ["year", "month", "day", "hour"] as const;
    expect(units.map((unit) => periodOf(unit, last))).toEqual(["2026", "2026-12", "2026-12-31", "2026-12-31T23"]);
    const instant = fc.date({ min: new Date(0), max: new Date("9999-01-01"), noInvalidDate: true });
    const property = fc.property(instant, instant, (a, b) => {
      const [early, late] = a.getTime() <= b.getTime() ? [a, b] : [b, a];
      return units.every((unit) => periodOf(unit, early) <= periodOf(unit, late));
    });
    expect(against(property)).toBeNull();
  });

  it("refusalOf: refuses exactly what does not fit, and says what is left", () => {
    const amount = (min: bigint) => fc.bigInt({ min, max: 20n });
    const property = fc.property(fc.nat(20), amount(0n), amount(1n), (scans, used, n) => {
      const one = license({ limits: { scans }, usage: [{ metric: "scans", period: "p", used }] });
      const asked = { licenseKey: one.licenseKey, metric: "scans", period: "p", n, at: noon };
      const { code, details } = refusalOfLicense({ ...one, revision: 1n, tenantId: "acme" }, "acme", asked);
      const left = BigInt(scans) - used;
      const right = n > left ? code === "LICENSE_EXHAUSTED" && details["left"] === left : code === "RACED";
      return right && isDeepStrictEqual(consumed(one, asked), { used, left });
    });
    expect(against(property)).toBeNull();
  });
});

describe("revocations", () => {
  it("revocationList: the same items give the same digest in whatever order they were found", () => {
    const items = ["b", "a", "\uffff", "\u{1f600}"].flatMap((revocationId) =>
      ["acme", "@global"].map((tenantId) => ({ ...revocation({ id: newId(), revocationId }), revision: 1n, tenantId })),
    );
    const { digest, items: sorted } = revocationList(items);
    const named = sorted.map(({ revocationId, tenantId }) => `${revocationId} ${tenantId}`);
    expect(named.slice(0, 3)).toEqual(["a @global", "a acme", "b @global"]);
    const shuffled = fc.shuffledSubarray(items, { minLength: items.length });
    expect(against(fc.property(shuffled, (found) => revocationList(found).digest === digest))).toBeNull();
    expect(revocationList(items.slice(1)).digest).not.toBe(digest);
    expect(revocationList([]).items).toEqual([]);
  });

  it("revocationList: refuses more than one bundle holds", () => {
    const one = { ...revocation(), revision: 1n, tenantId: "acme" };
    const tooMany = () => revocationList(Array.from({ length: 20_001 }, () => one));
    expect(tooMany).toThrow(expect.objectContaining({ code: "REVOCATIONS_TOO_MANY" }));
  });
});
