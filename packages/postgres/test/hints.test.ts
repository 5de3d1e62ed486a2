import { expect, it } from "vitest";
import { Hints, lowest } from "../src/hints.ts";

const at = (n: number) => ({ at: `2026-01-02T12:00:${String(n).padStart(2, "0")}.000Z`, id: lowest.id });

const now = (begun: number, ms = 0) => ({ begun, ended: begun + ms });

it("a hint is forgotten a second after claims last looked from the beginning, however often they looked from it", () => {
  const hints = new Hints();
  expect(hints.of("q", 0)).toBeNull();
  hints.learn("q", now(0), null, [at(1)]);
  const from = hints.of("q", 999);
  expect(from?.positions).toEqual([at(1)]);
  hints.learn("q", now(999), from, [at(2)]);
  expect(hints.of("q", 999)?.positions).toEqual([at(2)]);
  expect(hints.of("q", 1_000)).toBeNull();
  expect(hints.of("other", 10)).toBeNull();
});

it("what becomes due before it lowers the hint of its rank, and what comes after does not", () => {
  const hints = new Hints();
  hints.offer("q", 0, at(0).at);
  hints.learn("q", now(0), null, [at(5), at(7)]);
  hints.offer("q", 1, at(8).at);
  expect(hints.of("q", 1)?.positions).toEqual([at(5), at(7)]);
  hints.offer("q", 1, at(6).at);
  expect(hints.of("q", 1)?.positions).toEqual([at(5), at(6)]);
  hints.offer("q", 9, at(0).at);
  hints.drop("q");
  expect(hints.of("q", 1)).toBeNull();
});

it("of those that find a hint too old one looks from the beginning, and what the others learn meanwhile does not hide what it finds", () => {
  const hints = new Hints();
  hints.learn("q", now(0), null, [at(5)]);
  expect(hints.of("q", 1_000)).toBeNull();
  const other = hints.of("q", 1_000);
  expect(other?.positions).toEqual([at(5)]);
  hints.learn("q", now(1_000), null, [at(2)]);
  hints.learn("q", now(1_000), other, [at(6)]);
  expect(hints.of("q", 1_001)?.positions).toEqual([at(2)]);
});

it("claims that find too little look from the beginning as well, where that is slow a twentieth of the time", () => {
  const hints = new Hints();
  hints.learn("q", now(0), null, [at(1)]);
  expect([hints.again("q", 0), hints.again("q", 0)]).toEqual([true, true]);
  hints.learn("q", now(0, 10), null, [at(1)]);
  expect([hints.again("q", 199), hints.again("q", 200), hints.again("q", 201)]).toEqual([false, true, false]);
});
