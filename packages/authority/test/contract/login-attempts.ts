import type { AuthorityRepositories, LoginAttempt } from "@stellaops/authority";
import { appendContract, inTurn, outcomeOf, retentionContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { loginAttempts } from "../../src/aggregates.ts";
import { day, fresh, loginAttempt, newId, noon } from "../samples.ts";

export function loginAttemptsContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).loginAttempts;
  appendContract({
    name: "loginAttempts",
    repository: at,
    make: (id) => loginAttempt(id === undefined ? {} : { id }),
    max: 1_000,
  });
  retentionContract({
    name: "loginAttempts",
    repository: at,
    make: (occurredAt, id = newId()) => loginAttempt({ occurredAt, id }),
    add: (tenant, one) => at(tenant).append([one]),
    least: loginAttempts.retain?.least ?? 0,
    registered: () => rig().registered,
  });

  describe("loginAttempts, particular", () => {
    it("loginAttempts.listRecent: newest first, then id descending, of the subject, own and shared", async () => {
      const subject = fresh("subject");
      await at("acme").append([1, 3, 2, 2, 2].map((n) => loginAttempt({ subject, occurredAt: day(n) })));
      await at("@global").append([loginAttempt({ subject, occurredAt: day(2) })]);
      await at("umbrella").append([loginAttempt({ subject })]);
      await at("acme").append([loginAttempt()]);
      const found = await whole((request) => at("acme").listRecent(subject, request));
      expect(found.map(({ occurredAt }) => occurredAt)).toEqual([3, 2, 2, 2, 2, 1].map(day));
      const ids = found.slice(1, 5).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted().toReversed());
      const { next } = await at("acme").listRecent(subject, { limit: 1 });
      const foreign = await outcomeOf(() => at("acme").listRecent("other", { after: next }));
      expect(foreign).toMatchObject({ error: "CURSOR_FOREIGN" });
    });

    it("loginAttempts.countFailures: counts failures since, and nothing else", async () => {
      const subject = fresh("subject");
      const add = (over: Partial<LoginAttempt>) => at("acme").append([loginAttempt({ subject, ...over })]);
      await inTurn([-1, 0, 1], (n) => add({ occurredAt: day(n) }));
      await inTurn(["success", "locked", "challenged"] as const, (outcome) => add({ outcome }));
      await at("@global").append([loginAttempt({ subject })]);
      await at("umbrella").append([loginAttempt({ subject })]);
      expect(await at("acme").countFailures(subject, noon)).toBe(3n);
      expect(await at("acme").countFailures(subject, day(2))).toBe(0n);
      expect(await at("@global").countFailures(subject, noon)).toBe(1n);
      const bad = await outcomeOf(() => at("acme").countFailures("\0", noon));
      expect(bad).toMatchObject({ error: "VALUE_NUL", path: "subject" });
    });
  });
}
