import { afterFailure, afterSuccess, type AuthorityRepositories, type User } from "@stellaops/authority";
import { outcomeOf } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { day, newId, noon, seconds, user } from "../samples.ts";

const rule = { threshold: 5, lockForMs: 60_000 };

/** Failures that lock, and logins that clear. */
export function lockoutContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).users;
  const stored = async (over: Partial<User> = {}) => {
    const one = user(over);
    await at("acme").put(one, 0n);
    return { one, ref: { userId: one.id } };
  };

  describe("users, lockout of", () => {
    it("users.recordFailure: locks at exactly the threshold, however many report at once", async () => {
      const { one, ref } = await stored();
      const answers = await Promise.all(Array.from({ length: 20 }, () => at("acme").recordFailure(ref, rule, noon)));
      const seen = answers.map((answer) => answer!);
      expect(new Set(seen.map(({ failedAttempts }) => failedAttempts))).toEqual(
        new Set(Array.from({ length: 20 }, (_, i) => BigInt(i + 1))),
      );
      for (const { failedAttempts, status, lockedUntil } of seen)
        expect({ status, lockedUntil }).toEqual(
          failedAttempts < 5n
            ? { status: "active", lockedUntil: null }
            : { status: "locked", lockedUntil: seconds(60) },
        );
      expect(await at("acme").get(one.id)).toMatchObject({ failedAttempts: 20n, status: "locked", revision: 21n });
    });

    it("users.recordFailure: finds by name in any case, own users only", async () => {
      const { one } = await stored();
      const failed = await at("acme").recordFailure({ username: one.username.toUpperCase() }, rule, day(1));
      expect(failed).toEqual({ ...one, failedAttempts: 1n, updatedAt: day(1), revision: 2n, tenantId: "acme" });
      const shared = user();
      await at("@global").put(shared, 0n);
      expect(await at("acme").recordFailure({ username: shared.username }, rule, noon)).toBeNull();
      expect(await at("acme").recordFailure({ userId: newId() }, rule, noon)).toBeNull();
      expect(await at("acme").recordSuccess({ userId: shared.id }, noon)).toBeNull();
      expect(await at("@global").get(shared.id)).toMatchObject({ revision: 1n });
    });

    it("users.recordFailure: refuses what is no rule, no id and no time", async () => {
      const { ref } = await stored();
      const fail = (over: object, when = noon) =>
        outcomeOf(() => at("acme").recordFailure(ref, { ...rule, ...over }, when));
      for (const threshold of [0, -1, 1.5, 1_001, Number.NaN, "5"])
        expect(await fail({ threshold })).toMatchObject({ error: "LOCKOUT_INVALID", path: "threshold" });
      for (const lockForMs of [0, 0.5, Infinity])
        expect(await fail({ lockForMs })).toMatchObject({ error: "LOCKOUT_INVALID", path: "lockForMs" });
      expect(await fail({}, new Date("9999-12-31T23:59:59.999Z"))).toMatchObject({ error: "VALUE_DATE_RANGE" });
      expect(await fail({}, new Date(Number.NaN))).toMatchObject({ error: "VALUE_DATE" });
      const nobody = await outcomeOf(() => at("acme").recordFailure({ userId: "x" }, rule, noon));
      expect(nobody).toMatchObject({ error: "VALUE_ID" });
    });

    it("users.recordSuccess: clears failures and a lock that has run out, and is refused under one that is held", async () => {
      const { one, ref } = await stored({ failedAttempts: 4n });
      const cleared = { ...one, failedAttempts: 0n, lastLoginAt: day(1), updatedAt: day(1), tenantId: "acme" };
      expect(await at("acme").recordSuccess(ref, day(1))).toEqual({ ...cleared, revision: 2n });
      await at("acme").put({ ...one, status: "locked", lockedUntil: day(3) }, 2n);
      expect(await at("acme").recordSuccess(ref, new Date(day(3).getTime() - 1))).toBeNull();
      expect(await at("acme").recordSuccess(ref, day(3))).toMatchObject({ status: "active", lockedUntil: null });
      // Without an end a lock holds until somebody unlocks the user.
      await at("acme").put({ ...one, status: "locked", lockedUntil: null }, 4n);
      expect(await at("acme").recordSuccess(ref, day(99))).toBeNull();
      const held = { status: "locked", lockedUntil: null, failedAttempts: 5n };
      expect(await at("acme").recordFailure(ref, rule, day(99))).toMatchObject(held);
      await at("acme").put({ ...one, status: "disabled" }, 6n);
      expect(await at("acme").recordSuccess(ref, day(99))).toBeNull();
    });

    it("users: any sequence of failures and logins comes to what the rules say", async () => {
      const step = fc.record({
        ok: fc.boolean(),
        at: fc.integer({ min: 0, max: 9 }).map((n) => seconds(n * 30)),
        threshold: fc.constantFrom(1, 2, 3),
      });
      const begin = fc.record({
        status: fc.constantFrom("active" as const, "disabled" as const, "locked" as const),
        failedAttempts: fc.constantFrom(0n, 1n, 1_000_000_000n, 2n ** 63n - 1n, -3n),
        lockedUntil: fc.constantFrom(null, seconds(60), seconds(150)),
      });
      const property = fc.asyncProperty(begin, fc.array(step, { maxLength: 6 }), async (start, steps) => {
        const { one, ref } = await stored(start);
        let expected = start as Pick<User, "status" | "failedAttempts" | "lockedUntil">;
        for (const { ok, at: when, threshold } of steps) {
          const lockout = { threshold, lockForMs: 60_000 };
          const next = ok ? afterSuccess(expected, when) : afterFailure(expected, lockout, when);
          const answer = await (ok
            ? at("acme").recordSuccess(ref, when)
            : at("acme").recordFailure(ref, lockout, when));
          expect(answer === null).toBe(next === null);
          expected = next ?? expected;
          expect(await at("acme").get(one.id)).toMatchObject(expected);
        }
      });
      await expect(fc.assert(property, { numRuns: 15, seed: 7 })).resolves.toBeUndefined();
    });
  });
}
