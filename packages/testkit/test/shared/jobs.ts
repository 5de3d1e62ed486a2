import { claimsContract, inTurn, jobsContract, outcomeOf, retentionContract } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { alarm, claimOf, errand, minute, newId, order, refOf, type ShopRig } from "./samples.ts";
import { errands } from "./shop/aggregates.ts";

const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id);

const priorities = ["urgent", "high", "normal"] as const;
const statuses = { ready: "queued", taken: "running", done: "succeeded", failed: "failed" };

/** The contracts of every queue, with ranks and events, without, and without a status; and what they do not look into. */
export function shopJobs(rig: ShopRig): void {
  const at = (tenant: string) => rig().at(tenant).orders;
  jobsContract({
    name: "orders",
    ranks: priorities.length,
    jobs: at,
    add: (tenant, { id, due, rank }) =>
      at(tenant).put(order({ id, availableAt: due, priority: priorities[rank] ?? "normal" }), 0n),
    status: statuses,
  });
  jobsContract({
    name: "errands",
    jobs: (tenant) => rig().at(tenant).errands,
    add: (tenant, { id, due }) =>
      rig()
        .at(tenant)
        .errands.put(errand({ id, availableAt: due }), 0n),
    status: statuses,
  });
  retentionContract({
    name: "errands",
    repository: (tenant) => rig().at(tenant).errands,
    make: (updatedAt, id = newId()) => errand({ id, updatedAt, status: "succeeded" }),
    add: (tenant, one) => rig().at(tenant).errands.put(one, 0n),
    least: errands.retain?.least ?? 0,
    registered: () => rig().registered,
    spared: (updatedAt) => errand({ updatedAt, status: "running" }),
  });
  claimsContract({
    name: "alarms",
    verb: "claimDue",
    add: (tenant, { id, due }) =>
      rig()
        .at(tenant)
        .alarms.put(alarm({ id, nextAt: due }), 0n),
    claim: (tenant, request) => rig().at(tenant).alarms.claimDue(request),
    heartbeat: (tenant, ref, lease) => rig().at(tenant).alarms.heartbeat(ref, lease),
    settle: (tenant, ref, when) => rig().at(tenant).alarms.advance(ref, when, null),
    get: (tenant, id) => rig().at(tenant).alarms.get(id),
  });
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
  });
}
