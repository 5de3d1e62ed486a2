import { describe, expect, test } from "vitest";
import { byBytes, id, manualClock, seededIds, uuidV7, type IdSource } from "../src/index.ts";

const start = new Date("2026-01-01T00:00:00.000Z");
const take = (source: IdSource, n: number) => Array.from({ length: n }, () => source.next());
const isSorted = (ids: readonly string[]) => ids.every((next, i) => i === 0 || byBytes(ids[i - 1] ?? "", next) < 0);

describe("ids", () => {
  test("are UUIDs of version 7 at the clock's instant, as the id field wants them", () => {
    for (const source of [uuidV7(manualClock(start)), seededIds(manualClock(start), 1)])
      for (const made of take(source, 100)) {
        expect(id().schema.parse(made)).toBe(made);
        expect([made[14], Number.parseInt(made.replaceAll("-", "").slice(0, 12), 16)]).toEqual(["7", start.getTime()]);
      }
  });

  test("made later sort later, within one millisecond, over milliseconds, and when the clock steps back", () => {
    const clock = manualClock(start);
    const source = uuidV7(clock);
    const first = take(source, 5_000);
    clock.advance(1);
    const second = take(source, 10);
    clock.advance(-60_000);
    const third = take(source, 10);
    expect(isSorted([...first, ...second, ...third])).toBe(true);
  });

  test("seeded ones repeat for the same clock and seed, and differ for another", () => {
    const made = (seed: number) => take(seededIds(manualClock(start), seed), 1_000);
    expect(made(7)).toEqual(made(7));
    expect(new Set([...made(7), ...made(8)]).size).toBe(2_000);
    expect(isSorted(made(7))).toBe(true);
  });
});

test("a manual clock stands still, and what it gave does not move with it", () => {
  const clock = manualClock(start);
  const before = clock.now();
  clock.advance(5);
  expect([before, clock.now()]).toEqual([start, new Date(start.getTime() + 5)]);
  clock.set(new Date(0));
  before.setTime(1);
  expect(clock.now()).toEqual(new Date(0));
});
