import { claimsContract, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { SchedulerRepositories, Trigger } from "../../src/index.ts";
import { arming, claim, minute, newId, noon, refOf } from "../samples.ts";

const unarmed = { lastFireAt: null, misfires: 0n, attempts: 0n, leaseHolder: null, leaseUntil: null, claimId: null };
const triggerOf = (over: Partial<Trigger> = {}): Trigger => ({
  id: newId(),
  scheduleId: newId(),
  nextFireAt: noon,
  ...unarmed,
  createdAt: noon,
  updatedAt: noon,
  ...over,
});

export function triggersContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).triggers;
  const acme = () => at("acme");
  readerContract({
    name: "triggers",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, scheduleId, nextFireAt } = item as Trigger;
      return at(tenant).arm({ id, scheduleId, nextFireAt, at: noon });
    },
    make: (id) => triggerOf(id === undefined ? {} : { id }),
  });
  claimsContract({
    name: "triggers",
    verb: "claimDue",
    add: (tenant, { id, due }) => at(tenant).arm(arming({ id, nextFireAt: due })),
    claim: (tenant, request) => at(tenant).claimDue(request),
    heartbeat: (tenant, ref, lease) => at(tenant).heartbeat(ref, lease),
    settle: (tenant, ref, when) => at(tenant).advance(ref, { fires: [when], misfires: 0n, next: null }, when),
    get: (tenant, id) => at(tenant).get(id),
  });

  describe("triggers, particular", () => {
    it("triggers.arm: makes the trigger of a schedule, and sets it again", async () => {
      const made = arming();
      const { id, scheduleId } = made;
      const first = triggerOf({ id, scheduleId });
      expect(await acme().arm(made)).toEqual({ ...first, revision: 1n, tenantId: "acme" });
      const again = await acme().arm(arming({ scheduleId, nextFireAt: minute(30), at: minute(1) }));
      const stored = { ...first, nextFireAt: minute(30), updatedAt: minute(1), revision: 2n, tenantId: "acme" };
      expect(again).toEqual(stored);
      expect(await acme().get(id)).toEqual(stored);
      expect(await acme().arm({ ...made, nextFireAt: null })).toMatchObject({ nextFireAt: null, revision: 3n });
      expect(await acme().claimDue(claim({ at: minute(99), until: minute(100) }))).toEqual([]);
    });

    it("triggers.arm: leaves the shared one and another tenant's alone, and tells one whose id is taken", async () => {
      const shared = await at("@global").arm(arming());
      const own = await acme().arm(arming({ scheduleId: shared.scheduleId }));
      expect(own).toMatchObject({ tenantId: "acme", revision: 1n });
      await at("umbrella").arm(arming({ id: own.id }));
      expect(await outcomeOf(() => acme().arm(arming({ id: own.id })))).toMatchObject({ error: "REVISION_CONFLICT" });
      expect(await outcomeOf(() => acme().arm(arming({ scheduleId: "no id" })))).toMatchObject({
        error: "VALUE_ID",
        path: "scheduleId",
      });
    });

    it("triggers.arm: makes one trigger, however many arm one schedule at once", async () => {
      const scheduleId = newId();
      const armed = await Promise.all(
        Array.from({ length: 8 }, (_, i) => acme().arm(arming({ scheduleId, nextFireAt: minute(i) }))),
      );
      expect(new Set(armed.map(({ id }) => id)).size).toBe(1);
      expect(new Set(armed.map(({ revision }) => revision))).toEqual(new Set([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n]));
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("triggers.arm: makes a claim void, also for the holder's own later claims", async () => {
      const { scheduleId } = await acme().arm(arming());
      const [held] = await acme().claimDue(claim());
      await acme().arm(arming({ scheduleId, nextFireAt: minute(1), at: minute(1) }));
      const advance = () => acme().advance(refOf(held!), { fires: [noon], misfires: 0n, next: minute(60) }, minute(2));
      expect(await outcomeOf(advance)).toMatchObject({ error: "CLAIM_LOST", family: "conflict" });
      const [again] = await acme().claimDue(claim({ at: minute(2), until: minute(9) }));
      expect(again).toMatchObject({ id: held!.id, attempts: 2n, nextFireAt: minute(1) });
      expect(await outcomeOf(advance)).toMatchObject({ error: "CLAIM_LOST" });
    });

    it("triggers.claimDue: gives a trigger again when its lease has run out, and refuses the older holder", async () => {
      await acme().arm(arming());
      const [first] = await acme().claimDue(claim({ holder: "slow" }));
      expect(await acme().claimDue(claim({ holder: "other", at: minute(4), until: minute(9) }))).toEqual([]);
      const [second] = await acme().claimDue(claim({ holder: "other", at: minute(5), until: minute(9) }));
      expect(second).toMatchObject({ id: first!.id, leaseHolder: "other", attempts: 2n });
      const firing = { fires: [noon], misfires: 0n, next: minute(60) };
      expect(await outcomeOf(() => acme().advance(refOf(first!), firing, minute(6)))).toMatchObject({
        error: "CLAIM_LOST",
      });
      expect(await acme().advance(refOf(second!), firing, minute(6))).toMatchObject({ nextFireAt: minute(60) });
    });

    it("triggers.advance: sets the next time, counts misfires, and gives the trigger back; attempts never go back", async () => {
      const { id } = await acme().arm(arming());
      const [held] = await acme().claimDue(claim());
      const firing = { fires: [minute(-60), noon], misfires: 3n, next: minute(60) };
      const advanced = await acme().advance(refOf(held!), firing, minute(1));
      expect(advanced).toMatchObject({
        id,
        nextFireAt: minute(60),
        lastFireAt: noon,
        misfires: 3n,
        attempts: 1n,
        leaseHolder: null,
        leaseUntil: null,
        claimId: null,
        updatedAt: minute(1),
        revision: 3n,
      });
      const [again] = await acme().claimDue(claim({ at: minute(60), until: minute(70) }));
      const none = { fires: [], misfires: 2n, next: null };
      expect(await acme().advance(refOf(again!), none, minute(61))).toMatchObject({
        nextFireAt: null,
        lastFireAt: noon,
        misfires: 5n,
        attempts: 2n,
      });
      expect(await outcomeOf(() => acme().advance(refOf(held!), none, minute(62)))).toMatchObject({
        error: "CLAIM_LOST",
      });
    });

    const never = new Date(Number.NaN);
    it.each([
      [{ misfires: -1n }, "VALUE_OUT_OF_RANGE", "misfires"],
      [{ misfires: 1 }, "VALUE_INVALID", "misfires"],
      [{ fires: null }, "VALUE_INVALID", "fires"],
      [{ fires: [noon, "noon"] }, "VALUE_DATE", "fires.1"],
      [{ fires: [never, noon] }, "VALUE_DATE", "fires.0"],
      [{ next: undefined }, "VALUE_DATE", "next"],
      [{ next: new Date("+010000-01-01T00:00:00Z") }, "VALUE_DATE_RANGE", "next"],
    ])("triggers.advance: refuses a firing with %o", async (over, error, path) => {
      await acme().arm(arming());
      const [held] = await acme().claimDue(claim());
      const firing = { fires: [noon], misfires: 0n, next: null, ...over } as never;
      expect(await outcomeOf(() => acme().advance(refOf(held!), firing, noon))).toMatchObject({
        error,
        family: "data",
        path,
      });
      expect(await acme().get(held!.id)).toEqual(held);
    });

    it("triggers.arm and findBySchedule: refuse what is no id", async () => {
      for (const none of [null, undefined, 1n] as never[]) {
        const refusal = { family: "data", path: "scheduleId" };
        expect(await outcomeOf(() => acme().arm(arming({ scheduleId: none })))).toMatchObject(refusal);
        expect(await outcomeOf(() => acme().findBySchedule(none))).toMatchObject(refusal);
      }
    });

    it("triggers.findBySchedule: gives the tenant's own before the shared one", async () => {
      const { scheduleId } = await at("@global").arm(arming());
      expect(await acme().findBySchedule(scheduleId)).toMatchObject({ tenantId: "@global" });
      await acme().arm(arming({ scheduleId }));
      expect(await acme().findBySchedule(scheduleId)).toMatchObject({ tenantId: "acme" });
      expect(await acme().findBySchedule(newId())).toBeNull();
    });

    it("triggers.delete: takes it away at the revision that was read", async () => {
      const { id, scheduleId } = await acme().arm(arming());
      expect(await outcomeOf(() => acme().delete(id, 2n))).toMatchObject({ error: "REVISION_CONFLICT" });
      await acme().delete(id, 1n);
      expect(await acme().findBySchedule(scheduleId)).toBeNull();
    });
  });
}
