import { expect, test } from "vitest";
import { Durations } from "../src/percentiles.ts";
import { randomOf } from "../src/random.ts";

test("a seed repeats its numbers, and another gives others", () => {
  const drawn = (seed: number) => {
    const random = randomOf(seed);
    return Array.from({ length: 50 }, () => random.below(1_000));
  };
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(7)).not.toEqual(drawn(8));
});

test("a fork is not disturbed by what is drawn from the other", () => {
  const [quiet, busy] = [randomOf(7), randomOf(7)];
  for (let i = 0; i < 10; i += 1) busy.next();
  expect(busy.fork("a").below(1e9)).toBe(quiet.fork("a").below(1e9));
  expect(quiet.fork("a").below(1e9)).not.toBe(quiet.fork("b").below(1e9));
});

test("numbers are spread over their range", () => {
  const random = randomOf(1);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4_000; i += 1) counts[random.below(4)]! += 1;
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  expect(() => random.pick([])).toThrow(RangeError);
});

test("a percentile is the least value that the share does not exceed", () => {
  const durations = new Durations();
  expect(durations.at(0.99)).toBe(0);
  for (let value = 100; value >= 1; value -= 1) durations.add(value);
  expect([0, 0.5, 0.99, 1].map((share) => durations.at(share))).toEqual([1, 50, 99, 100]);
  expect(durations.count).toBe(100);
});
