import type { ClaimRequest, Stored } from "@stellaops/kernel";
import { inTurn, outcomeOf } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { alarm, claimOf, errand, minute, order, refOf, type ShopRig } from "./samples.ts";
import type { orders } from "./shop/aggregates.ts";

type Claimed = readonly Stored<typeof orders>[];
const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

/** Where many claim at once MongoDB's claims are not in strict order for a while: they have a tenant of their own, "crowd". */
export function jobsContract(rig: ShopRig): void {
  const at = (tenant: string) => rig().at(tenant).orders;
  const one = async (n: number, holder = "h") => {
    const [claimed] = await at("acme").claim(claimOf(1, minute(n), { holder }));
    if (claimed === undefined) return expect.fail("nothing was to be claimed");
    return claimed;
  };

  describe("claims", () => {
    it("go by rank, then by when it became due, then by id", async () => {
      const made = [
        order({ priority: "normal", availableAt: minute(0) }),
        order({ priority: "urgent", availableAt: minute(5) }),
        order({ priority: "high", availableAt: minute(3) }),
        order({ priority: "high", availableAt: minute(1) }),
        order({ priority: "urgent", availableAt: minute(4) }),
        order({ priority: "high", availableAt: minute(1) }),
      ];
      await inTurn(made, (job) => at("acme").put(job, 0n));
      const wanted = ids([
        made[4]!,
        made[1]!,
        ...[made[3]!, made[5]!].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
        made[2]!,
        made[0]!,
      ]);
      expect(ids(await at("acme").claim(claimOf(1, minute(6))))).toEqual(wanted.slice(0, 1));
      expect(ids(await at("acme").claim(claimOf(3, minute(6))))).toEqual(wanted.slice(1, 4));
      expect(ids(await at("acme").claim(claimOf(100, minute(6))))).toEqual(wanted.slice(4));
      expect(await at("acme").claim(claimOf(1, minute(6)))).toEqual([]);
      expect(await at("acme").claim(claimOf(7, minute(6)))).toEqual([]);
    });

    it.each([1, 3])("write the lease, the attempt and the event: %i at once", async (limit) => {
      const job = order({ events: [{ status: "queued", error: null, at: minute(0) }] });
      await at("acme").put(job, 0n);
      const request = claimOf(limit, minute(1), { holder: "$h" });
      const claimed = {
        ...job,
        status: "running",
        attempts: 1n,
        leaseHolder: "$h",
        leaseUntil: minute(6),
        claimId: request.claimId,
        updatedAt: minute(1),
        events: [...job.events, { status: "running", error: null, at: minute(1) }],
        revision: 2n,
        tenantId: "acme",
      };
      expect(await at("acme").claim(request)).toEqual([claimed]);
      expect(await at("acme").get(job.id)).toEqual(claimed);
      const entries = (await rig().register()).map(({ id, revision }) => [id, revision]);
      expect(entries).toEqual(rig().registered ? [[job.id, 2n]] : []);
    });

    it("leave alone what is not due, not ready, or another's", async () => {
      await at("acme").put(order({ availableAt: minute(2) }), 0n);
      await at("acme").put(order({ status: "failed" }), 0n);
      await at("umbrella").put(order(), 0n);
      await at("@global").put(order(), 0n);
      expect(await at("acme").claim(claimOf(10, minute(1)))).toEqual([]);
      expect(await at("acme").claim(claimOf(10, minute(2)))).toHaveLength(1);
      expect(await at("@global").claim(claimOf(10, minute(2)))).toHaveLength(1);
    });

    it("refuse bad requests", async () => {
      const good = claimOf(1, minute(0));
      const told = (over: Partial<ClaimRequest>) => outcomeOf(() => at("acme").claim({ ...good, ...over }));
      for (const limit of [0, 101, 1.5, -1, Number.NaN])
        expect(await told({ limit })).toMatchObject({ error: "LIMIT_INVALID", family: "data" });
      expect(await told({ until: minute(0) })).toMatchObject({ error: "LEASE_INVALID" });
      expect(await told({ holder: "\0" })).toMatchObject({ error: "VALUE_NUL", path: "leaseHolder" });
      expect(await told({ claimId: "x" })).toMatchObject({ error: "VALUE_ID", path: "claimId" });
    });

    it.each([1, 5])("give each job to one of sixteen callers, %i at once", async (limit) => {
      const jobs = Array.from({ length: 60 }, (_, i) => order({ availableAt: minute(i % 7) }));
      await inTurn(jobs, (job) => at("crowd").put(job, 0n));
      const given: Claimed[] = [];
      const claimer = async (_: unknown, i: number): Promise<void> => {
        for (;;) {
          const claimed = await at("crowd").claim(claimOf(limit, minute(10), { holder: `h${i}` }));
          given.push(claimed);
          if (claimed.length === 0) return;
        }
      };
      await Promise.all(Array.from({ length: 16 }, claimer));
      const all = given.flat();
      expect(all).toHaveLength(60);
      expect(new Set(ids(all)).size).toBe(60);
      for (const { attempts, events, revision } of all) {
        expect([attempts, revision]).toEqual([1n, 2n]);
        expect(events).toHaveLength(1);
      }
    });

    it("of jobs without ranks and events work alike", async () => {
      const jobs = [3, 1, 2].map((n) => errand({ availableAt: minute(n) }));
      await inTurn(jobs, (job) => rig().at("acme").errands.put(job, 0n));
      const claimed = await rig()
        .at("acme")
        .errands.claim(claimOf(2, minute(9)));
      expect(ids(claimed)).toEqual(ids([jobs[1]!, jobs[2]!]));
      const done = await rig()
        .at("acme")
        .errands.complete(refOf(claimed[0]!), { at: minute(10) });
      expect(done).toMatchObject({ status: "succeeded", leaseHolder: null, claimId: null, revision: 3n });
    });

    it("see what this process makes due before the place they have come to", async () => {
      const jobs = [5, 6, 7].map((n) => order({ availableAt: minute(n) }));
      await inTurn(jobs, (job) => at("acme").put(job, 0n));
      expect((await one(9)).id).toBe(jobs[0]!.id);
      const late = order({ availableAt: minute(1) });
      await at("acme").put(late, 0n);
      const next = await one(9);
      expect(next.id).toBe(late.id);
      await at("acme").fail(refOf(next), { error: "x", at: minute(9), retryAt: minute(2) });
      expect((await one(9)).id).toBe(late.id);
    });
  });

  describe("a holder", () => {
    it("completes, with an event, and has nothing any more", async () => {
      await at("acme").put(order(), 0n);
      const claimed = await one(1);
      const done = await at("acme").complete(refOf(claimed), { at: minute(2) });
      expect(done).toEqual({
        ...claimed,
        status: "succeeded",
        leaseHolder: null,
        leaseUntil: null,
        claimId: null,
        updatedAt: minute(2),
        events: [...claimed.events, { status: "succeeded", error: null, at: minute(2) }],
        revision: 3n,
      });
      expect(await at("acme").get(done.id)).toEqual(done);
      expect(await outcomeOf(() => at("acme").complete(refOf(claimed), { at: minute(2) }))).toMatchObject({
        error: "CLAIM_LOST",
        family: "conflict",
      });
    });

    it("fails: due again later, or for good", async () => {
      await at("acme").put(order(), 0n);
      const first = await one(1);
      const again = await at("acme").fail(refOf(first), { error: "boom $x", at: minute(2), retryAt: minute(4) });
      expect(again).toMatchObject({
        status: "queued",
        availableAt: minute(4),
        lastError: "boom $x",
        leaseHolder: null,
        attempts: 1n,
        revision: 3n,
      });
      expect(again.events.at(-1)).toEqual({ status: "queued", error: "boom $x", at: minute(2) });
      expect(await at("acme").claim(claimOf(1, minute(3)))).toEqual([]);
      const second = await one(4);
      expect(second).toMatchObject({ attempts: 2n, lastError: "boom $x" });
      const failed = await at("acme").fail(refOf(second), { error: "again", at: minute(5), retryAt: null });
      expect(failed).toMatchObject({ status: "failed", lastError: "again", availableAt: minute(4), leaseUntil: null });
      expect(await at("acme").get(failed.id)).toEqual(failed);
    });

    it("moves the end of its lease", async () => {
      await at("acme").put(order(), 0n);
      const claimed = await one(1);
      const longer = await at("acme").heartbeat(refOf(claimed), { at: minute(3), until: minute(30) });
      expect(longer).toEqual({ ...claimed, leaseUntil: minute(30), updatedAt: minute(3), revision: 3n });
      expect(await at("acme").requeueExpired(minute(29), 10)).toBe(0);
      expect(
        await outcomeOf(() => at("acme").heartbeat(refOf(claimed), { at: minute(3), until: minute(3) })),
      ).toMatchObject({ error: "LEASE_INVALID" });
    });

    it("whose lease ran out is refused once another has the job, and before that is not", async () => {
      await at("acme").put(order(), 0n);
      const first = await one(1, "a");
      await at("acme").heartbeat(refOf(first), { at: minute(20), until: minute(21) });
      expect(await at("acme").requeueExpired(minute(30), 10)).toBe(1);
      const lost = { error: "CLAIM_LOST", family: "conflict" };
      const end = { at: minute(31) };
      expect(await outcomeOf(() => at("acme").complete(refOf(first), end))).toMatchObject(lost);
      // The same holder again is another attempt.
      const second = await one(31, "a");
      expect(second).toMatchObject({ id: first.id, attempts: 2n });
      expect(await outcomeOf(() => at("acme").complete(refOf(first), end))).toMatchObject(lost);
      expect(await outcomeOf(() => at("acme").fail(refOf(first), { error: "x", ...end, retryAt: null }))).toMatchObject(
        lost,
      );
      expect(await outcomeOf(() => at("acme").heartbeat(refOf(first), { ...end, until: minute(99) }))).toMatchObject(
        lost,
      );
      expect(await outcomeOf(() => at("acme").complete({ ...refOf(second), holder: "b" }, end))).toMatchObject(lost);
      expect(await outcomeOf(() => at("umbrella").complete(refOf(second), end))).toMatchObject(lost);
      expect(await at("acme").complete(refOf(second), end)).toMatchObject({ status: "succeeded" });
    });

    it("refuses what neither database could hold", async () => {
      await at("acme").put(order(), 0n);
      const ref = refOf(await one(1));
      const failure = { error: "\0", at: minute(2), retryAt: null };
      expect(await outcomeOf(() => at("acme").fail(ref, failure))).toMatchObject({
        error: "VALUE_NUL",
        path: "lastError",
      });
      expect(await outcomeOf(() => at("acme").complete({ ...ref, id: "x" }, { at: minute(2) }))).toMatchObject({
        error: "VALUE_ID",
      });
      expect(await outcomeOf(() => at("acme").complete(ref, { at: new Date(Number.NaN) }))).toMatchObject({
        error: "VALUE_DATE",
      });
      const beyond = { at: minute(2), until: new Date("+010000-01-01T00:00:00.000Z") };
      expect(await outcomeOf(() => at("acme").heartbeat(ref, beyond))).toMatchObject({
        error: "VALUE_DATE_RANGE",
        path: "leaseUntil",
      });
      for (const odd of [undefined, Number.NaN, "2026-03-01T13:00:00Z", { $gt: "" }, new Date(Number.NaN)])
        expect(await outcomeOf(() => at("acme").requeueExpired(odd as never, 10))).toMatchObject({ family: "data" });
      expect(
        await outcomeOf(() => at("acme").complete({ ...ref, attempt: 1 as never }, { at: minute(2) })),
      ).toMatchObject({
        family: "data",
      });
    });
  });

  describe("leases that ran out", () => {
    it("make their jobs ready again, the longest ago first, and fail what was tried often enough", async () => {
      const jobs = [1, 2, 3].map((n) => order({ availableAt: minute(n) }));
      await inTurn(jobs, (job) => at("acme").put(job, 0n));
      await at("acme").put(order({ attempts: 2n, priority: "urgent" }), 0n);
      await inTurn([1, 2, 3, 4], (n) => at("acme").claim(claimOf(1, minute(10), { for: 10 - n })));
      expect(await at("acme").requeueExpired(minute(15), 10)).toBe(0);
      expect(await at("acme").requeueExpired(minute(19), 2)).toBe(2);
      const status = async (job: { readonly id: string }) => (await at("acme").get(job.id))?.status;
      expect(await inTurn(jobs, status)).toEqual(["running", "queued", "queued"]);
      expect(await at("acme").requeueExpired(minute(19), 10)).toBe(2);
      expect(await at("acme").requeueExpired(minute(19), 10)).toBe(0);
      const all = (await at("acme").list()).items;
      const [spent] = all.filter(({ priority }) => priority === "urgent");
      expect(spent).toMatchObject({
        status: "failed",
        attempts: 3n,
        lastError: "the lease ran out",
        leaseHolder: null,
        leaseUntil: null,
        claimId: null,
        updatedAt: minute(19),
        revision: 3n,
      });
      expect(spent?.events.map((event) => event.status)).toEqual(["running", "failed"]);
      const back = await at("acme").get(jobs[0]!.id);
      expect(back).toMatchObject({
        status: "queued",
        availableAt: minute(1),
        lastError: "the lease ran out",
        revision: 3n,
      });
      const entries = await rig().register();
      expect(new Set(entries.map(({ revision }) => revision))).toEqual(new Set(rig().registered ? [3n] : []));
      expect(await outcomeOf(() => at("acme").requeueExpired(minute(1), 0))).toMatchObject({ error: "LIMIT_INVALID" });
    });

    it("are each made ready once, whoever asks", async () => {
      await inTurn(Array.from({ length: 20 }), () => at("crowd").put(order(), 0n));
      await at("crowd").claim(claimOf(20, minute(1)));
      const counts = await Promise.all(Array.from({ length: 4 }, () => at("crowd").requeueExpired(minute(30), 20)));
      expect(counts.reduce((a, b) => a + b, 0)).toBe(20);
      const all = (await at("crowd").list()).items;
      expect(new Set(all.map(({ revision }) => revision))).toEqual(new Set([3n]));
    });
  });

  describe("rows that are due without a status", () => {
    const alarms = (tenant = "acme") => rig().at(tenant).alarms;

    it("are claimed when due and nobody's lease is running", async () => {
      const rows = [
        alarm({ nextAt: minute(3) }),
        alarm({ nextAt: minute(1) }),
        alarm({ nextAt: null }),
        alarm({ enabled: false }),
      ];
      await inTurn(rows, (row) => alarms().put(row, 0n));
      const first = await alarms().claimDue(claimOf(10, minute(2), { holder: "a", for: 5 }));
      expect(ids(first)).toEqual([rows[1]!.id]);
      expect(ids(await alarms().claimDue(claimOf(10, minute(6), { holder: "b" })))).toEqual([rows[0]!.id]);
      const over = await alarms().claimDue(claimOf(1, minute(7), { holder: "b" }));
      expect(over).toMatchObject([{ id: rows[1]!.id, attempts: 2n, leaseHolder: "b" }]);
      expect(await outcomeOf(() => alarms().advance(refOf(first[0]!), minute(8), minute(20)))).toMatchObject({
        error: "CLAIM_LOST",
      });
      const advanced = await alarms().advance(refOf(over[0]!), minute(8), minute(20));
      expect(advanced).toMatchObject({
        nextAt: minute(20),
        missed: 1n,
        leaseHolder: null,
        leaseUntil: null,
        claimId: null,
      });
      expect(await outcomeOf(() => alarms().advance(refOf(over[0]!), minute(8), null))).toMatchObject({
        error: "CLAIM_LOST",
      });
      expect(await alarms().claimDue(claimOf(10, minute(9)))).toEqual([]);
      const later = await alarms().claimDue(claimOf(10, minute(20)));
      expect(ids(later)).toEqual(ids([rows[0]!, rows[1]!]));
      expect(await alarms().heartbeat(refOf(later[0]!), { at: minute(21), until: minute(40) })).toMatchObject({
        leaseUntil: minute(40),
      });
    });

    it.each([1, 4])("fire once for sixteen callers, %i at once", async (limit) => {
      await inTurn(
        Array.from({ length: 24 }, (_, i) => i),
        (n) => alarms("crowd").put(alarm({ nextAt: minute(n % 5) }), 0n),
      );
      const fired: string[] = [];
      const caller = async (_: unknown, i: number): Promise<void> => {
        for (;;) {
          const claimed = await alarms("crowd").claimDue(claimOf(limit, minute(9), { holder: `h${i}` }));
          if (claimed.length === 0) return;
          await inTurn(claimed, async (row) => {
            await alarms("crowd").advance(refOf(row), minute(9), minute(60));
            fired.push(row.id);
          });
        }
      };
      await Promise.all(Array.from({ length: 16 }, caller));
      expect(fired).toHaveLength(24);
      expect(new Set(fired).size).toBe(24);
    });
  });
}
