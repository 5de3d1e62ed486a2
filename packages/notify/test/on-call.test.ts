import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { onCallAt, type Layer, type Override } from "../src/index.ts";
import { changes, plainReached } from "./wall.ts";

const layer = (over: Partial<Layer> = {}): Layer => ({
  name: "first",
  users: ["ada", "bob", "cyd"],
  startsOn: "2026-03-02",
  handoffMinute: 9 * 60,
  rotationDays: 7,
  hours: null,
  ...over,
});
const berlin = (layers: readonly Layer[], overrides: readonly Override[] = []) => ({
  timezone: "Europe/Berlin",
  layers,
  overrides,
});
const who = (schedule: ReturnType<typeof berlin>, at: string) => onCallAt(schedule, new Date(at))?.userId ?? null;

describe("on call: by name", () => {
  it("turns begin on the first day at the handoff, and pass on at the millisecond", () => {
    const one = berlin([layer()]);
    expect(who(one, "2026-03-02T07:59:59.999Z")).toBeNull();
    expect(who(one, "2026-03-02T08:00:00.000Z")).toBe("ada");
    expect(who(one, "2026-03-09T07:59:59.999Z")).toBe("ada");
    expect(who(one, "2026-03-09T08:00:00.000Z")).toBe("bob");
    // Summer time: nine o'clock is an hour earlier.
    expect(who(one, "2026-03-30T06:59:59.999Z")).toBe("ada");
    expect(who(one, "2026-03-30T07:00:00.000Z")).toBe("bob");
  });

  it("a handoff in a gap is at its end, and one in an overlap is at the first of two", () => {
    const nightly = berlin([
      layer({ users: ["ada", "bob"], startsOn: "2026-03-28", handoffMinute: 150, rotationDays: 1 }),
    ]);
    expect(who(nightly, "2026-03-29T00:59:59.999Z")).toBe("ada");
    expect(who(nightly, "2026-03-29T01:00:00.000Z")).toBe("bob");
    const back = berlin([
      layer({ users: ["ada", "bob"], startsOn: "2026-10-24", handoffMinute: 150, rotationDays: 1 }),
    ]);
    expect(who(back, "2026-10-25T00:29:59.999Z")).toBe("ada");
    expect(who(back, "2026-10-25T00:30:00.000Z")).toBe("bob");
    // Half past two is to come once more.
    expect(who(back, "2026-10-25T01:15:00.000Z")).toBe("bob");
    expect(who(back, "2026-10-26T01:29:59.999Z")).toBe("bob");
    expect(who(back, "2026-10-26T01:30:00.000Z")).toBe("ada");
  });

  it("the first layer that has somebody; hours are what the clock shows", () => {
    const hours = { days: ["mon"], fromMinute: 9 * 60, toMinute: 17 * 60 };
    const two = berlin([layer({ hours }), layer({ name: "second", users: ["dan"], startsOn: "2026-03-01" })]);
    expect(onCallAt(two, new Date("2026-03-02T08:00:00Z"))).toEqual({ userId: "ada", layer: "first" });
    expect(onCallAt(two, new Date("2026-03-02T16:00:00Z"))).toEqual({ userId: "dan", layer: "second" });
    expect(onCallAt(two, new Date("2026-02-28T16:00:00Z"))).toBeNull();
    expect(onCallAt(berlin([]), new Date("2026-02-28T16:00:00Z"))).toBeNull();
  });

  it("an override holds from its start on and before its end, the one added last first, without a layer too", () => {
    const from = (userId: string, startsAt: string, endsAt: string) => ({ userId, startsAt, endsAt });
    const overrides = [
      from("eve", "2026-03-03T10:00:00.000Z", "2026-03-03T14:00:00.000Z"),
      from("fay", "2026-03-03T12:00:00.000Z", "2026-03-03T13:00:00.000Z"),
    ];
    const at = (instant: string) => onCallAt(berlin([layer()], overrides), new Date(instant));
    expect(at("2026-03-03T09:59:59.999Z")).toEqual({ userId: "ada", layer: "first" });
    expect(at("2026-03-03T10:00:00.000Z")).toEqual({ userId: "eve", layer: null });
    expect(at("2026-03-03T12:00:00.000Z")).toEqual({ userId: "fay", layer: null });
    expect(at("2026-03-03T13:00:00.000Z")).toEqual({ userId: "eve", layer: null });
    expect(at("2026-03-03T14:00:00.000Z")).toEqual({ userId: "ada", layer: "first" });
    expect(who(berlin([], overrides), "2026-03-03T13:59:59.999Z")).toBe("eve");
  });
});

describe("on call: against a plain reference", () => {
  const minute = fc.oneof(fc.nat(1_439), fc.constantFrom(0, 60, 90, 120, 150, 180));
  const turns = fc.record({
    users: fc.integer({ min: 1, max: 4 }),
    handoffMinute: minute,
    rotationDays: fc.integer({ min: 1, max: 3 }),
  });

  /** Handoffs of a day each, on a calendar without zones, that the clock has reached so far; then turns of several. */
  const plainTurn = (timezone: string, { startsOn, handoffMinute, rotationDays, users }: Layer, at: number) => {
    const first = Date.parse(`${startsOn}T00:00:00Z`) / 60_000 + handoffMinute;
    const reached = plainReached(timezone, at - 2 * 86_400_000, at);
    let handoffs = 0;
    while (first + handoffs * 1_440 <= reached) handoffs += 1;
    return handoffs === 0 ? null : users[Math.trunc((handoffs - 1) / rotationDays) % users.length];
  };

  it.each(changes)("in %s around %s", (timezone, change) => {
    const middle = Date.parse(change);
    const startsOn = new Date(middle - 3 * 86_400_000).toISOString().slice(0, 10);
    const property = fc.property(
      turns,
      fc.integer({ min: -6_000, max: 3_000 }),
      fc.nat(59_999),
      (given, offset, ms) => {
        const one = layer({ ...given, users: ["a", "b", "c", "d"].slice(0, given.users), startsOn });
        const at = middle + offset * 60_000;
        const found = onCallAt({ timezone, layers: [one], overrides: [] }, new Date(at + ms));
        expect(found?.userId ?? null).toBe(plainTurn(timezone, one, at));
      },
    );
    expect(() => fc.assert(property, { numRuns: 150, seed: 20_260_301 })).not.toThrow();
  });
});
