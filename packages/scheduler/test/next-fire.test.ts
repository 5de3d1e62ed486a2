import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkTimetable, firesAfter, lastFire, nextFire, type Timetable } from "../src/domain/next-fire.ts";
import { cronOf, plainFires, type Pattern } from "./clock-time.ts";

const fires = (timetable: Timetable, after: string, n: number): readonly string[] => {
  const found: string[] = [];
  for (const fire of firesAfter(timetable, new Date(after))) {
    found.push(fire.toISOString());
    if (found.length === n) break;
  }
  return found;
};
const refusal = (timetable: Timetable): string => {
  try {
    checkTimetable(timetable);
    return "none";
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
};

describe("next fire: what croner does, by name", () => {
  const berlin = (cron: string): Timetable => ({ cron, timezone: "Europe/Berlin" });

  it("gap, fixed time: fires at the first instant after it, that day", () => {
    // 2026-03-29: 02:00 to 03:00 is skipped.
    expect(fires(berlin("30 2 * * *"), "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("gap, interval or list: skipped times fire nothing", () => {
    expect(fires(berlin("*/30 * * * *"), "2026-03-29T00:00:00Z", 3)).toEqual([
      "2026-03-29T00:30:00.000Z",
      "2026-03-29T01:00:00.000Z",
      "2026-03-29T01:30:00.000Z",
    ]);
    expect(fires(berlin("30 1,2 * * *"), "2026-03-28T20:00:00Z", 2)).toEqual([
      "2026-03-29T00:30:00.000Z",
      "2026-03-29T23:30:00.000Z",
    ]);
  });

  it("overlap, fixed time: fires at the first of the two", () => {
    // 2026-10-25: 02:00 to 03:00 comes twice.
    expect(fires(berlin("30 2 * * *"), "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("overlap, interval or list: fires at both", () => {
    expect(fires(berlin("0 * * * *"), "2026-10-24T23:30:00Z", 3)).toEqual([
      "2026-10-25T00:00:00.000Z",
      "2026-10-25T01:00:00.000Z",
      "2026-10-25T02:00:00.000Z",
    ]);
    expect(fires(berlin("30 1,2 * * *"), "2026-10-24T20:00:00Z", 3)).toEqual([
      "2026-10-24T23:30:00.000Z",
      "2026-10-25T00:30:00.000Z",
      "2026-10-25T01:30:00.000Z",
    ]);
  });

  it("a gap of half an hour, one at midnight, and a day that is skipped whole", () => {
    expect(fires({ cron: "15 2 * * *", timezone: "Australia/Lord_Howe" }, "2026-10-03T00:00:00Z", 1)).toEqual([
      "2026-10-03T15:30:00.000Z",
    ]);
    expect(fires({ cron: "0 0 * * *", timezone: "America/Santiago" }, "2026-09-05T12:00:00Z", 1)).toEqual([
      "2026-09-06T04:00:00.000Z",
    ]);
    expect(fires({ cron: "0 0 30 12 *", timezone: "Pacific/Apia" }, "2011-12-01T00:00:00Z", 1)).toEqual([
      "2012-12-29T10:00:00.000Z",
    ]);
  });

  it("gap: a range or list of one value is that value, a step is not, whatever it comes to", () => {
    for (const cron of ["30 2-2 * * *", "30 2,2 * * *", "30-30 2 * * *"])
      expect(fires(berlin(cron), "2026-03-28T12:00:00Z", 1)).toEqual(["2026-03-29T01:00:00.000Z"]);
    for (const cron of ["*/1 2 * * *", "*/60 2 * * *"])
      expect(fires(berlin(cron), "2026-03-28T12:00:00Z", 1)).toEqual(["2026-03-30T00:00:00.000Z"]);
    expect(fires({ cron: "0 */24 * * *", timezone: "America/Santiago" }, "2026-09-05T12:00:00Z", 1)).toEqual([
      "2026-09-07T03:00:00.000Z",
    ]);
  });

  it("the end: the year 2999 is the last that fires", () => {
    const yearly = { cron: "0 0 1 1 *", timezone: "UTC" };
    expect(fires(yearly, "2998-06-01T00:00:00Z", 2)).toEqual(["2999-01-01T00:00:00.000Z"]);
    expect(nextFire(yearly, new Date("3000-06-01T00:00:00Z"))).toBeNull();
    expect(nextFire(yearly, new Date("9000-06-01T00:00:00Z"))).toBeNull();
  });

  it("always later than the instant asked, to the millisecond; never: null", () => {
    const daily = { cron: "0 0 * * *", timezone: "UTC" };
    expect(nextFire(daily, new Date("2026-01-01T00:00:00.000Z"))).toEqual(new Date("2026-01-02"));
    expect(nextFire(daily, new Date("2025-12-31T23:59:59.999Z"))).toEqual(new Date("2026-01-01"));
    expect(nextFire({ cron: "0 0 30 2 *", timezone: "UTC" }, new Date("2026-01-01"))).toBeNull();
    expect(fires({ cron: "*/20 * * * * *", timezone: "UTC" }, "2026-01-01T00:00:10Z", 2)).toEqual([
      "2026-01-01T00:00:20.000Z",
      "2026-01-01T00:00:40.000Z",
    ]);
  });
});

describe("next fire: against a plain reference", () => {
  // Either side of changes of the clock, and a plain time; zones with gaps and overlaps of an hour and of half an hour, north and south.
  const around: readonly (readonly [string, string])[] = [
    ["Europe/Berlin", "2026-03-29T01:00:00Z"],
    ["Europe/Berlin", "2026-10-25T01:00:00Z"],
    ["America/New_York", "2026-03-08T07:00:00Z"],
    ["America/New_York", "2026-11-01T06:00:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
    ["America/Santiago", "2026-04-05T03:00:00Z"],
    ["America/Santiago", "2026-09-06T04:00:00Z"],
    ["Asia/Kolkata", "2026-06-01T00:00:00Z"],
    ["Pacific/Apia", "2011-12-30T10:00:00Z"],
    ["UTC", "2026-02-28T23:00:00Z"],
  ];
  const numbers = (max: number, maxLength: number) =>
    fc.option(fc.uniqueArray(fc.nat(max), { minLength: 1, maxLength }));
  const pattern: fc.Arbitrary<Pattern> = fc.record({
    minutes: numbers(59, 3).map((list) => list?.toSorted((a, b) => a - b) ?? null),
    // Mostly hours in which clocks are changed.
    hours: fc.option(fc.uniqueArray(fc.oneof(fc.nat(3), fc.nat(23)), { minLength: 1, maxLength: 3 })),
    weekdays: fc.option(fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 4 })),
  });
  const span = 36 * 60;

  it.each(around)("in %s around %s", (timezone, change) => {
    const property = fc.property(pattern, fc.integer({ min: -1_500, max: 200 }), (given, minutes) => {
      const after = new Date(Date.parse(change) + minutes * 60_000);
      const until = after.getTime() + span * 60_000;
      const found: Date[] = [];
      for (const fire of firesAfter({ cron: cronOf(given), timezone }, after)) {
        if (fire.getTime() > until) break;
        found.push(fire);
      }
      expect(found).toEqual(plainFires(given, timezone, after, span));
      // The way back is the same way.
      const last = lastFire({ cron: cronOf(given), timezone }, new Date(until + 1));
      expect(last !== null && last > after ? last : undefined).toEqual(found.at(-1));
    });
    expect(() => fc.assert(property, { numRuns: 60, seed: 20_260_301 })).not.toThrow();
  });
});

describe("timetables that cannot be followed", () => {
  it.each([
    ["", "CRON_INVALID"],
    ["* * * *", "CRON_INVALID"],
    ["@daily", "CRON_INVALID"],
    ["2030-01-01T00:00:00", "CRON_INVALID"],
    ["0 0 0 1 1 * 2030", "CRON_INVALID"],
    ["61 * * * *", "CRON_INVALID"],
    ["0 0 * * 8", "CRON_INVALID"],
    ["a b c d e", "CRON_INVALID"],
    ["0 0 30 2 *", "none"],
    ["*/15 * * * * *", "none"],
    ["0 0 L * FRI#2", "none"],
  ])("%j: %s", (cron, code) => expect(refusal({ cron, timezone: "UTC" })).toBe(code));

  it.each([
    ["", "TIMEZONE_UNKNOWN"],
    ["Mars/Olympus", "TIMEZONE_UNKNOWN"],
    ["Asia/Kathmandu", "none"],
  ])("%j: %s", (timezone, code) => expect(refusal({ cron: "0 0 * * *", timezone })).toBe(code));
});
