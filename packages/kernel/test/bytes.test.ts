import { expect, test } from "vitest";
import { byBytes } from "../src/index.ts";
import { samples } from "./random.ts";

const bytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

test("orders as UTF-8 bytes do, on every pair", () => {
  for (const [a, b] of samples(20_000, (random) => [random.text(), random.text()] as const))
    expect([a, b, Math.sign(byBytes(a, b))]).toEqual([a, b, bytes(a, b)]);
});

test("differs from UTF-16 order above the basic plane", () => {
  const [below, above] = ["\uff5e", "\u{10000}"] as [string, string];
  expect([below < above, byBytes(below, above)]).toEqual([false, -1]);
});
