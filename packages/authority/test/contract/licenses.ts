import type { AuthorityRepositories, Consumption, License } from "@stellaops/authority";
import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { day, fresh, license, noon } from "../samples.ts";

export function licensesContract(rig: () => Rig<AuthorityRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).licenses;
  repositoryContract({
    name: "licenses",
    repository: at,
    make: (id) =>
      license({ ...(id !== undefined && { id }), usage: [{ metric: "scans", period: "2026-01", used: 3n }] }),
    changed: (was) => ({
      ...was,
      tier: "other",
      limits: {},
      usage: [
        { metric: "hosts", period: "", used: 0n },
        { metric: "scans", period: "2026-01", used: 4n },
      ],
    }),
    twin: ({ licenseKey }) => license({ licenseKey }),
    constraint: "uq_licenses_license_key",
    registered: () => rig().registered,
  });
  const stored = async (over: Partial<License> = {}) => {
    const made = license(over);
    await at("acme").put(made, 0n);
    const consume = (n: bigint, asked: Partial<Consumption> = {}) =>
      at("acme").consume({
        licenseKey: made.licenseKey,
        metric: "scans",
        period: "2026-03",
        n,
        at: day(1),
        ...asked,
      });
    return { made, consume };
  };

  describe("licenses, particular", () => {
    it("licenses.findByKey: gives the tenant's own before the shared one", async () => {
      const licenseKey = fresh("license");
      await at("@global").put(license({ licenseKey }), 0n);
      expect(await at("acme").findByKey(licenseKey)).toMatchObject({ tenantId: "@global" });
      await at("acme").put(license({ licenseKey }), 0n);
      expect(await at("acme").findByKey(licenseKey)).toMatchObject({ tenantId: "acme" });
      expect(await at("acme").findByKey("x")).toBeNull();
    });

    it("licenses.put: refuses limits that are no whole numbers", async () => {
      for (const limits of [{ a: 1.5 }, { a: -1 }, { a: "1" }, { a: 2 ** 53 }, { a: null }, [], "x"])
        expect(await outcomeOf(() => at("acme").put(license({ limits: limits as never }), 0n))).toMatchObject({
          error: "VALUE_INVALID",
          path: "limits",
        });
    });

    it("licenses.consume: counts each metric and period by itself, in their order", async () => {
      const limits = { scans: 10, "a.b": 5, $x: 5, "": 1, __proto__: 2 };
      const { made, consume } = await stored({ limits });
      expect(await consume(4n)).toEqual({ used: 4n, left: 6n });
      expect(await consume(6n)).toEqual({ used: 10n, left: 0n });
      expect(await consume(1n, { period: "2026-02" })).toEqual({ used: 1n, left: 9n });
      expect(await consume(5n, { metric: "a.b" })).toEqual({ used: 5n, left: 0n });
      expect(await consume(2n, { metric: "$x", period: "$y.z" })).toEqual({ used: 2n, left: 3n });
      expect(await consume(1n, { metric: "", period: "" })).toEqual({ used: 1n, left: 0n });
      const found = await at("acme").get(made.id);
      expect(found).toMatchObject({ revision: 7n, updatedAt: day(1) });
      expect(found?.usage).toEqual([
        { metric: "", period: "", used: 1n },
        { metric: "$x", period: "$y.z", used: 2n },
        { metric: "a.b", period: "2026-03", used: 5n },
        { metric: "scans", period: "2026-02", used: 1n },
        { metric: "scans", period: "2026-03", used: 10n },
      ]);
    });

    it("licenses.consume: says what is left, and takes nothing of what is too much", async () => {
      const { made, consume } = await stored({ limits: { scans: 10 } });
      await consume(7n);
      await expect(consume(4n)).rejects.toMatchObject({
        code: "LICENSE_EXHAUSTED",
        family: "conflict",
        details: { licenseKey: made.licenseKey, metric: "scans", period: "2026-03", left: 3n },
      });
      expect(await at("acme").get(made.id)).toMatchObject({ revision: 2n, usage: [{ used: 7n }] });
      expect(await consume(3n)).toEqual({ used: 10n, left: 0n });
    });

    it("licenses.consume: refuses where nothing may be consumed, and says why", async () => {
      const { made, consume } = await stored();
      const refused = (n: bigint, over: Partial<Consumption> = {}) => outcomeOf(() => consume(n, over));
      const conflict = (error: string) => ({ error, family: "conflict" });
      expect(await refused(1n, { metric: "hosts" })).toMatchObject(conflict("LICENSE_METRIC"));
      expect(await refused(1n, { metric: "toString" })).toMatchObject(conflict("LICENSE_METRIC"));
      expect(await refused(1n, { at: new Date(made.validFrom.getTime() - 1) })).toMatchObject(
        conflict("LICENSE_OUTSIDE"),
      );
      expect(await refused(1n, { at: made.validTo })).toMatchObject(conflict("LICENSE_OUTSIDE"));
      expect(await refused(1n, { at: made.validFrom })).toMatchObject({ value: { used: 1n } });
      expect(await refused(1n, { licenseKey: "x" })).toMatchObject({ error: "LICENSE_MISSING", family: "not-found" });
      const shared = license();
      await at("@global").put(shared, 0n);
      expect(await refused(1n, { licenseKey: shared.licenseKey })).toMatchObject({ error: "LICENSE_MISSING" });
      const suspended = license({ status: "suspended" });
      await at("acme").put(suspended, 0n);
      expect(await refused(1n, { licenseKey: suspended.licenseKey })).toMatchObject(conflict("LICENSE_INACTIVE"));
      for (const n of [0n, -1n, 2n ** 53n, 1, "1"])
        expect(await refused(n as bigint)).toMatchObject({ error: "CONSUME_INVALID", path: "n" });
      expect(await refused(1n, { period: "\0" })).toMatchObject({ error: "VALUE_NUL", path: "usage.0.period" });
    });

    it("licenses.consume: counts nothing of what it refuses, also of a license that the same unit has written", async () => {
      const made = license({ limits: { m: 3, z: 1 } });
      const asked = { licenseKey: made.licenseKey, period: "p", at: noon };
      let answers: unknown[] = [];
      const unit = await outcomeOf(() =>
        rig()
          .at("acme")
          .transaction(async ({ licenses }) => {
            answers = [];
            await licenses.put(made, 0n);
            const consume = (metric: string, n: bigint) =>
              licenses.consume({ ...asked, metric, n }).catch((error: unknown) => error);
            answers.push(await consume("m", 5n));
            answers.push(await licenses.get(made.id));
            answers.push(await consume("m", 2n), await consume("z", 2n));
          }),
      );
      const refusal = (metric: string, left: bigint) => ({ code: "LICENSE_EXHAUSTED", details: { metric, left } });
      const all = [refusal("m", 3n), { usage: [], revision: 1n }, { used: 2n, left: 1n }, refusal("z", 1n)];
      const after = await at("acme").get(made.id);
      const kept = { usage: [{ metric: "m", period: "p", used: 2n }], revision: 2n };
      // A module's own unit ends with its first refusal, caught or not.
      expect([unit, after, answers]).toMatchObject(
        rig().registered ? [{ value: undefined }, kept, all] : [{ error: "UNIT_FAILED" }, null, all.slice(0, 1)],
      );
    });

    it("licenses.consume: never passes the limit, whoever consumes at once", async () => {
      const { made, consume } = await stored({ limits: { scans: 20 } });
      const amounts = Array.from({ length: 24 }, (_, i) => BigInt((i % 3) + 1));
      const outcomes = await Promise.all(amounts.map((n) => outcomeOf(() => consume(n, { at: noon }))));
      const taken = amounts.filter((_, i) => "value" in outcomes[i]!).reduce((sum, n) => sum + n, 0n);
      const refused = outcomes.filter((outcome) => "error" in outcome);
      expect(refused).toMatchObject(refused.map(() => ({ error: "LICENSE_EXHAUSTED" })));
      expect((await at("acme").get(made.id))?.usage).toEqual([{ metric: "scans", period: "2026-03", used: taken }]);
      // What was refused did not fit: with a unit left, a caller of one unit would have had it.
      expect(taken).toBe(20n);
    });
  });
}
