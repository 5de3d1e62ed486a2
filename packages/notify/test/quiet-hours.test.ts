import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activeQuietHours } from "../src/domain/quiet-hours.ts";
import { isQuiet, weekdays } from "../src/index.ts";
import { quietTime } from "./routing/samples.ts";
import { noon } from "./samples.ts";
import { changes, plainWall } from "./wall.ts";

interface Hours {
  readonly days: readonly string[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** Some day's quiet time, laid out on a calendar without zones, has the minute that the clock shows in it. */
function plainQuiet({ days, fromMinute, toMinute }: Hours, wall: number): boolean {
  const today = Math.floor(wall / 1_440);
  return [today - 1, today].some((day) => {
    const weekday = new Date(day * 86_400_000).toLocaleDateString("en", { weekday: "short", timeZone: "UTC" });
    const [from, to] = [day * 1_440 + fromMinute, day * 1_440 + toMinute + (toMinute < fromMinute ? 1_440 : 0)];
    return days.includes(weekday.toLowerCase()) && from <= wall && wall < to;
  });
}

describe("quiet hours: by name", () => {
  const night = { days: ["fri"], fromMinute: 22 * 60, toMinute: 6 * 60, timezone: "Europe/Berlin" };
  const quiet = (at: string, over: Partial<Hours & { timezone: string }> = {}) =>
    isQuiet({ ...night, ...over }, new Date(at));

  it("across midnight: of the day on which they begin, from the first minute on and before the last", () => {
    // 2026-01-02 is a Friday; Berlin is an hour ahead.
    expect(quiet("2026-01-02T20:59:59.999Z")).toBe(false);
    expect(quiet("2026-01-02T21:00:00.000Z")).toBe(true);
    expect(quiet("2026-01-03T04:59:59.999Z")).toBe(true);
    expect(quiet("2026-01-03T05:00:00.000Z")).toBe(false);
    expect(quiet("2026-01-02T02:00:00.000Z")).toBe(false);
    expect(quiet("2026-01-03T22:00:00.000Z")).toBe(false);
  });

  it("a whole day is from 0 to 1440, and to midnight is 0 or 1440", () => {
    const day = { fromMinute: 0, toMinute: 1_440 };
    expect(quiet("2026-01-01T23:00:00Z", day)).toBe(true);
    expect(quiet("2026-01-02T22:59:59.999Z", day)).toBe(true);
    expect(quiet("2026-01-02T23:00:00Z", day)).toBe(false);
    for (const toMinute of [0, 1_440]) {
      expect(quiet("2026-01-02T22:59:00Z", { toMinute })).toBe(true);
      expect(quiet("2026-01-02T23:00:00Z", { toMinute })).toBe(false);
    }
  });

  it("overlap: a time that is shown twice is quiet both times", () => {
    const early = { days: ["sun"], fromMinute: 120, toMinute: 150 };
    expect(quiet("2026-10-25T00:15:00Z", early)).toBe(true);
    expect(quiet("2026-10-25T00:45:00Z", early)).toBe(false);
    expect(quiet("2026-10-25T01:15:00Z", early)).toBe(true);
    expect(quiet("2026-10-25T01:45:00Z", early)).toBe(false);
  });

  it("gap: times that are skipped are no time at all", () => {
    const early = { days: ["sun"], fromMinute: 60, toMinute: 150 };
    expect(quiet("2026-03-29T00:59:59.999Z", early)).toBe(true);
    expect(quiet("2026-03-29T01:00:00Z", early)).toBe(false);
    expect(quiet("2026-03-29T01:00:00Z", { days: ["sun"], fromMinute: 150, toMinute: 240 })).toBe(true);
  });
});

describe("quiet hours: those that hold", () => {
  it("are told from 1,000, and refused from more", () => {
    const enabled = Array.from({ length: 1_001 }, () => ({ ...quietTime(), revision: 1n, tenantId: "acme" }));
    expect(activeQuietHours(enabled.slice(1), noon)).toHaveLength(1_000);
    expect(() => activeQuietHours(enabled, noon)).toThrow(expect.objectContaining({ code: "ACTIVE_TOO_MANY" }));
  });
});

describe("quiet hours: against a plain reference", () => {
  const minute = (max: number) => fc.oneof(fc.nat(max), fc.constantFrom(0, 60, 90, 120, 150, 180, 1_380, 1_439));
  const hours = fc
    .record({
      days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 4 }),
      fromMinute: minute(1_439),
      toMinute: minute(1_440),
    })
    .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute);

  it.each(changes)("in %s around %s", (timezone, change) => {
    const property = fc.property(
      hours,
      fc.integer({ min: -2_000, max: 2_000 }),
      fc.nat(59_999),
      (given, offset, ms) => {
        const at = Date.parse(change) + offset * 60_000;
        expect(isQuiet({ ...given, timezone }, new Date(at + ms))).toBe(plainQuiet(given, plainWall(timezone, at)));
      },
    );
    expect(() => fc.assert(property, { numRuns: 400, seed: 20_260_301 })).not.toThrow();
  });
});
