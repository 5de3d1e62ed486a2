import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { misfireRules } from "../src/aggregates.ts";
import { firingOf, type FireRule } from "../src/domain/firing.ts";
import { firesAfter } from "../src/domain/next-fire.ts";

const hourly = (misfire: FireRule["misfire"], grace = 600): FireRule => ({
  cron: "0 * * * *",
  timezone: "UTC",
  misfire,
  misfireGraceSeconds: grace,
});
const clock = (text: string): Date => new Date(`2026-03-01T${text}:00.000Z`);

describe("firing: what a trigger that is due comes to", () => {
  it.each(misfireRules)("%s: on time, it fires once and goes on", (misfire) => {
    const firing = firingOf(hourly(misfire), clock("12:00"), clock("12:00"));
    expect(firing).toEqual({ fires: [clock("12:00")], misfires: 0n, next: clock("13:00") });
    expect(firingOf(hourly(misfire), clock("12:00"), clock("12:10"))).toEqual(firing);
  });

  it("a paused service catches up by the rule", () => {
    const [due, at] = [clock("08:00"), clock("12:05")];
    const on = clock("12:00");
    expect(firingOf(hourly("skip"), due, at)).toEqual({ fires: [on], misfires: 4n, next: clock("13:00") });
    expect(firingOf(hourly("fire_once"), due, at)).toEqual({
      fires: [clock("11:00"), on],
      misfires: 4n,
      next: clock("13:00"),
    });
    const each = ["08:00", "09:00", "10:00", "11:00", "12:00"].map(clock);
    expect(firingOf(hourly("fire_each"), due, at)).toEqual({ fires: each, misfires: 4n, next: clock("13:00") });
  });

  it("skip: where all were missed it fires nothing, and is due next time", () => {
    expect(firingOf(hourly("skip"), clock("08:00"), clock("11:30"))).toEqual({
      fires: [],
      misfires: 4n,
      next: clock("12:00"),
    });
  });

  it("fire_each: twenty a firing, the rest is due at once", () => {
    const rule = { ...hourly("fire_each", 0), cron: "* * * * *" };
    const first = firingOf(rule, clock("00:00"), clock("00:30"));
    expect([first.fires.length, first.misfires, first.next]).toEqual([20, 20n, clock("00:20")]);
    const second = firingOf(rule, clock("00:20"), clock("00:30"));
    expect([second.fires.length, second.misfires, second.next]).toEqual([11, 10n, clock("00:31")]);
  });

  it.each(["skip", "fire_once"] as const)(
    "%s: a long pause is passed over in one step, and counted as 1,000",
    (misfire) => {
      const rule = { ...hourly(misfire, 5), cron: "* * * * * *" };
      const second = (n: number): Date => new Date(clock("12:00").getTime() + n * 1_000);
      const { fires, misfires, next } = firingOf(rule, new Date("2025-03-01T00:00:00Z"), clock("12:00"));
      const on = [-5, -4, -3, -2, -1, 0].map(second);
      expect(misfires).toBe(1_000n);
      expect(fires).toEqual(misfire === "skip" ? on : [second(-6), ...on]);
      expect(next).toEqual(second(1));
    },
  );

  it("a timetable without a further time comes to its end", () => {
    const rule = { ...hourly("fire_each"), cron: "0 0 30 2 *" };
    expect(firingOf(rule, clock("12:00"), clock("12:00"))).toEqual({
      fires: [clock("12:00")],
      misfires: 0n,
      next: null,
    });
  });

  const rule = fc.record({
    cron: fc.constantFrom("*/7 * * * *", "30 2 * * *", "0 1,2,3 * * *", "15 * * * *"),
    timezone: fc.constantFrom("Europe/Berlin", "America/New_York", "UTC"),
    misfire: fc.constantFrom(...misfireRules),
    misfireGraceSeconds: fc.constantFrom(0, 60, 3_600, 86_400),
  });
  /** Either side of changes of the clock. */
  const start = fc.constantFrom(
    ...["2026-03-07", "2026-03-28", "2026-10-24", "2026-10-31"].map((day) => new Date(day)),
  );

  it("any rule, in firings of any number: every fire time is dealt with once, by the rule", () => {
    const property = fc.property(rule, start, fc.array(fc.nat(30 * 60), { maxLength: 8 }), (given, from, pauses) => {
      const first = firesAfter(given, from).next().value ?? from;
      let next: Date | null = first;
      let at = first;
      let misfires = 0n;
      const fired: Date[] = [];
      const expected: Date[] = [];
      let missed = 0n;
      for (const pause of pauses) {
        at = new Date(at.getTime() + pause * 60_000);
        const late = at.getTime() - given.misfireGraceSeconds * 1_000;
        // What became due since the last firing, one by one.
        const due: Date[] = [];
        for (let fire = next; fire !== null && fire <= at; fire = firesAfter(given, fire).next().value ?? null)
          due.push(fire);
        const gone = due.filter((fire) => fire.getTime() < late);
        missed += BigInt(gone.length);
        const kept = { skip: [], fire_once: gone.slice(-1), fire_each: gone }[given.misfire];
        expected.push(...kept, ...due.filter((fire) => fire.getTime() >= late));
        while (next !== null && next <= at) {
          const firing = firingOf(given, next, at);
          fired.push(...firing.fires);
          misfires += firing.misfires;
          next = firing.next;
        }
      }
      expect(fired).toEqual(expected);
      expect(misfires).toBe(missed);
    });
    expect(() => fc.assert(property, { numRuns: 60, seed: 20_260_301 })).not.toThrow();
  });
});
