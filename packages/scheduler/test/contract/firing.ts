import { manualClock, seededIds } from "@stellaops/kernel";
import { inTurn, outcomeOf } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { fireDue, firingOf, type FireRequest, type Schedule, type SchedulerRepositories } from "../../src/index.ts";
import { arming, claim, minute, newId, noon, refOf, schedule, start } from "../samples.ts";

const ids = seededIds(manualClock(noon), 4_711);
const firing = (over: Partial<FireRequest> = {}): FireRequest => ({ ...claim(over), ids, ...over });

/** How a service fires: claimed, then ONE unit that starts the runs and advances the trigger. */
export function firingContract(rig: () => Rig<SchedulerRepositories>): void {
  const acme = () => rig().at("acme");
  /** A schedule with its trigger, in one unit. */
  const scheduled = async (over: Partial<Schedule> = {}, nextFireAt: Date = noon): Promise<Schedule> => {
    const made = schedule({ timezone: "UTC", ...over });
    await acme().transaction(async ({ schedules, triggers }) => {
      await schedules.put(made, 0n);
      await triggers.arm(arming({ scheduleId: made.id, nextFireAt }));
    });
    return made;
  };
  const runsOf = async ({ id }: Schedule) =>
    (await acme().runs.listBySchedule(id)).items.map(({ fireAt }) => fireAt).toReversed();

  describe("firing", () => {
    it("fireDue: starts the run, and the trigger is due next time", async () => {
      const made = await scheduled();
      const fired = await fireDue(acme(), firing({ at: minute(0.5) }));
      expect(fired).toMatchObject({ claimed: 1, lost: 0, misfires: 0n });
      expect(fired.runs).toMatchObject([{ scheduleId: made.id, fireAt: noon, triggerKind: "cron", state: "planning" }]);
      expect(await acme().triggers.findBySchedule(made.id)).toMatchObject({
        nextFireAt: minute(60),
        lastFireAt: noon,
        leaseHolder: null,
      });
      expect(await fireDue(acme(), firing({ at: minute(1) }))).toMatchObject({ claimed: 0, runs: [] });
    });

    it("fireDue: each fire time once, however many services fire at once", async () => {
      const all = await inTurn(Array.from({ length: 6 }), () => scheduled({ misfire: "fire_each" }, minute(-120)));
      const service = (holder: string) => fireDue(acme(), firing({ holder, limit: 4, claimId: newId() }));
      const fired = await Promise.all(Array.from({ length: 6 }, (_, i) => service(`service ${i}`)));
      fired.push(await fireDue(acme(), firing({ limit: 100, claimId: newId() })));
      expect(fired.reduce((sum, { runs }) => sum + runs.length, 0)).toBe(6 * 3);
      expect(fired.reduce((sum, { misfires }) => sum + misfires, 0n)).toBe(6n * 2n);
      for (const made of all) expect(await runsOf(made)).toEqual([minute(-120), minute(-60), noon]);
    });

    it("fireDue: a service that lost its claim starts nothing; what it would have started is the next holder's", async () => {
      const made = await scheduled();
      const [held] = await acme().triggers.claimDue(claim({ holder: "slow" }));
      expect(await fireDue(acme(), firing({ holder: "next", at: minute(6), until: minute(9) }))).toMatchObject({
        claimed: 1,
        misfires: 1n,
      });
      const late = () =>
        acme().transaction(async ({ runs, triggers }) => {
          await runs.start(start({ scheduleId: made.id, fireAt: minute(60) }));
          await triggers.advance(refOf(held!), firingOf(made, noon, minute(60)), minute(7));
        });
      expect(await outcomeOf(late)).toMatchObject({ error: "CLAIM_LOST" });
      expect(await runsOf(made)).toEqual([noon]);
    });

    it("fireDue: a service that dies before the end of its unit has fired nothing, and advanced nothing", async () => {
      const made = await scheduled();
      const dying: ReturnType<typeof acme> = {
        ...acme(),
        transaction: (work) =>
          acme().transaction(async (repositories) => {
            await work(repositories);
            throw new Error("dies here");
          }),
      };
      await expect(fireDue(dying, firing({ holder: "dies" }))).rejects.toThrow("dies here");
      expect(await runsOf(made)).toEqual([]);
      expect(await acme().triggers.findBySchedule(made.id)).toMatchObject({ nextFireAt: noon, leaseHolder: "dies" });
      await fireDue(acme(), firing({ at: minute(5), until: minute(9) }));
      expect(await runsOf(made)).toEqual([noon]);
    });

    it("fireDue: a trigger that fails keeps none of the others from being fired; its error is thrown at the end", async () => {
      const taken = (await acme().runs.start(start())).run.id;
      const bad = await scheduled({}, minute(-0.5));
      const good = await inTurn([1, 2], () => scheduled());
      const given = [taken];
      const partly = { next: () => given.pop() ?? ids.next() };
      const outcome = await outcomeOf(() => fireDue(acme(), firing({ ids: partly })));
      expect(outcome).toMatchObject({ error: "REVISION_CONFLICT" });
      for (const made of good) {
        expect(await runsOf(made)).toEqual([noon]);
        expect(await acme().triggers.findBySchedule(made.id)).toMatchObject({ leaseHolder: null });
      }
      expect(await runsOf(bad)).toEqual([]);
      // The next holder's: of the two that were missed by then, the latest for all.
      expect(await fireDue(acme(), firing({ at: minute(5), until: minute(9) }))).toMatchObject({ claimed: 1 });
      expect(await runsOf(bad)).toEqual([noon]);
    });

    it("fireDue: a trigger that was set back fires no fire time again", async () => {
      const made = await scheduled();
      await fireDue(acme(), firing());
      await acme().triggers.arm(arming({ scheduleId: made.id, nextFireAt: noon, at: minute(1) }));
      expect(await fireDue(acme(), firing({ at: minute(1) }))).toMatchObject({ claimed: 1, runs: [] });
      expect(await runsOf(made)).toEqual([noon]);
    });

    it.each([
      ["skip", [noon]],
      ["fire_once", [minute(-60), noon]],
      ["fire_each", [minute(-180), minute(-120), minute(-60), noon]],
    ] as const)("fireDue: a service that was paused catches up by the rule %s", async (misfire, expected) => {
      const made = await scheduled({ misfire }, minute(-180));
      expect(await fireDue(acme(), firing({ at: minute(0.5) }))).toMatchObject({ misfires: 3n });
      expect(await runsOf(made)).toEqual(expected);
      expect(await acme().triggers.findBySchedule(made.id)).toMatchObject({ misfires: 3n, nextFireAt: minute(60) });
    });

    it("fireDue: what is disabled, deleted or gone fires nothing, and rests until it is armed again", async () => {
      const off = await scheduled();
      await acme().schedules.put({ ...off, enabled: false }, 1n);
      const deleted = await scheduled();
      await acme().schedules.softDelete(deleted.id, 1n, { by: "bob", at: noon });
      await acme().triggers.arm(arming());
      expect(await fireDue(acme(), firing())).toMatchObject({ claimed: 3, runs: [], misfires: 0n });
      expect(await fireDue(acme(), firing({ at: minute(300), until: minute(301) }))).toMatchObject({ claimed: 0 });
      await acme().schedules.put({ ...off, enabled: true }, 2n);
      await acme().triggers.arm(arming({ scheduleId: off.id, nextFireAt: minute(300), at: minute(300) }));
      await fireDue(acme(), firing({ at: minute(300), until: minute(301) }));
      expect(await runsOf(off)).toEqual([minute(300)]);
    });
  });
}
