import { describe, expect, test } from "vitest";
import { decimal, fold, normalise, numeric, set, text } from "../src/index.ts";
import { samples } from "./random.ts";
import { refusal } from "./refusal.ts";
import { thing, things } from "./things.ts";

const refused = (more: object) => {
  const { code, path, family } = refusal(() => normalise(things, { ...thing, ...more }));
  expect(family).toBe("data");
  return [code, path];
};
const stored = (more: object) => normalise(things, { ...thing, ...more });

describe("refused before the first write", () => {
  test.each([
    [{ thingKey: "a\0" }, "VALUE_NUL", "thingKey"],
    [{ thingKey: "\udfff" }, "VALUE_NOT_WELL_FORMED", "thingKey"],
    [{ thingKey: "x".repeat(21) }, "VALUE_TOO_LONG", "thingKey"],
    [{ name: "Name" }, "VALUE_NOT_FOLDED", "name"],
    [{ id: "00000000-0000-7000-8000-00000000000A" }, "VALUE_ID", "id"],
    [{ id: "1" }, "VALUE_ID", "id"],
    [{ kind: "other" }, "VALUE_CHOICE", "kind"],
    [{ seenAt: new Date(NaN) }, "VALUE_DATE", "seenAt"],
    [{ seenAt: new Date("0000-12-31T23:59:59.999Z") }, "VALUE_DATE_RANGE", "seenAt"],
    [{ seenAt: new Date("+010000-01-01T00:00:00Z") }, "VALUE_DATE_RANGE", "seenAt"],
    [{ uses: 2n ** 63n }, "VALUE_OUT_OF_RANGE", "uses"],
    [{ uses: 1 }, "VALUE_INVALID", "uses"],
    [{ rank: 2 ** 31 }, "VALUE_INVALID", "rank"],
    [{ rank: NaN }, "VALUE_INVALID", "rank"],
    [{ price: "1.234" }, "VALUE_SCALE", "price"],
    [{ price: "1e3" }, "VALUE_NUMERIC", "price"],
    [{ price: "NaN" }, "VALUE_NUMERIC", "price"],
    [{ price: "+1" }, "VALUE_NUMERIC", "price"],
    [{ price: "1\n" }, "VALUE_NUMERIC", "price"],
    [{ tags: ["ok", "\0"] }, "VALUE_NUL", "tags.1"],
    [{ steps: ["ok", null] }, "VALUE_INVALID", "steps.1"],
    [{ payload: { a: [NaN] } }, "VALUE_NOT_FINITE", "payload.a.0"],
    [{ payload: null }, "VALUE_NULL", "payload"],
    [{ payload: undefined }, "VALUE_UNDEFINED", "payload"],
    [{ thingKey: undefined }, "VALUE_UNDEFINED", "thingKey"],
    [{ notes: [{ body: "ok" }, { body: "\0" }] }, "VALUE_NUL", "notes.1.body"],
    [{ labels: [{ label: "x", weight: 1n, extra: { a: undefined } }] }, "VALUE_UNDEFINED", "labels.0.extra.a"],
    [{ unknown: 1 }, "VALUE_INVALID", ""],
  ])("%# %o", (more, code, path) => {
    expect(refused(more)).toEqual([code, path]);
  });

  test("something that is no aggregate at all", () => {
    for (const value of [null, 7, "x", []]) expect(refusal(() => normalise(things, value)).code).toBe("VALUE_INVALID");
  });

  test("the message names the aggregate, the path and the fix", () => {
    const { message } = refusal(() => normalise(things, { ...thing, notes: [{ body: "a\0" }] }));
    expect(message).toBe("thing: notes.0.body holds U+0000, which PostgreSQL cannot store; remove it");
  });

  test("a whole above 8 MiB", () => {
    expect(refusal(() => stored({ payload: ["x".repeat(9_000_000)] })).code).toBe("VALUE_TOO_LARGE");
  });
});

describe("normalised alike for both databases", () => {
  test("what is in order stays equal, and normalising twice changes nothing", () => {
    expect(normalise(things, thing)).toStrictEqual(thing);
    const changed = stored({ tags: ["b", "a", "b"], price: "-0.00", rank: -0, payload: { a: -0 } });
    expect(changed).toStrictEqual({ ...thing, tags: ["a", "b"], price: "0", rank: 0, payload: { a: 0 } });
    expect(normalise(things, changed)).toStrictEqual(changed);
  });

  test("the ends of the ranges are in", () => {
    const ends = {
      createdAt: new Date("0001-01-01T00:00:00.000Z"),
      updatedAt: new Date("9999-12-31T23:59:59.999Z"),
      uses: 2n ** 63n - 1n,
      rank: -(2 ** 31),
      thingKey: "😀".repeat(20),
    };
    expect(stored(ends)).toMatchObject(ends);
  });

  test("length counts code points", () => {
    for (const value of samples(2_000, (random) => random.text() + random.text()))
      for (const max of [3, 6])
        expect([value, text(max).schema.safeParse(value).success]).toEqual([value, [...value].length <= max]);
  });

  test("a set of texts is distinct and in order of bytes", () => {
    expect(set().schema.parse(["\u{10000}", "\uff5e", "a", "\uff5e"])).toEqual(["a", "\uff5e", "\u{10000}"]);
  });
});

describe("children", () => {
  const label = (name: string, weight = 1n, extra: unknown = {}) => ({ label: name, weight, extra });

  test("a set is sorted by its key and holds equals once; a list keeps its order", () => {
    const { labels, notes } = stored({
      labels: [label("\u{10000}"), label("\uff5e"), label("a"), label("\uff5e")],
      notes: [{ body: "b" }, { body: "a" }, { body: "b" }],
    });
    expect(labels.map((row) => row.label)).toEqual(["a", "\uff5e", "\u{10000}"]);
    expect(notes.map((row) => row.body)).toEqual(["b", "a", "b"]);
  });

  test("equal is canonically equal", () => {
    expect(stored({ labels: [label("a", 1n, { x: 1, y: 2 }), label("a", 1n, { y: 2, x: 1 })] }).labels).toHaveLength(1);
  });

  test("one key with two values is refused", () => {
    expect(refused({ labels: [label("a", 1n, { x: 1 }), label("a", 1n, { x: 2 })] })[0]).toBe("VALUE_DUPLICATE");
    expect(refused({ labels: [label("a", 1n), label("a", 2n)] })[0]).toBe("VALUE_DUPLICATE");
  });
});

describe("decimals and folded text", () => {
  test.each([
    ["007.50", "7.5"],
    ["0.0", "0"],
    ["-0", "0"],
    ["-0.10", "-0.1"],
    ["10", "10"],
    ["9007199254740993.10", "9007199254740993.1"],
  ])("%s is %s", (from, to) => {
    expect(decimal(from)).toBe(to);
  });

  test("one form for every way to write a decimal", () => {
    for (const [whole, cents, zeros] of samples(500, (r) => [r.below(1_000), r.below(100), r.below(3)] as const)) {
      const plain = (whole + cents / 100).toString();
      expect(decimal(`${"0".repeat(zeros)}${whole}.${String(cents).padStart(2, "0")}${"0".repeat(zeros)}`)).toBe(plain);
    }
  });

  test("no digits after the point is a scale too", () => {
    expect(numeric(0).schema.parse("12")).toBe("12");
    expect(numeric(0).schema.safeParse("1.2").success).toBe(false);
  });

  test("folding twice is folding once, so that what was folded is accepted", () => {
    for (const value of ["\u0386\u0345", ...samples(2_000, (random) => random.text())])
      expect([value, fold(fold(value))]).toEqual([value, fold(value)]);
  });

  test("names that differ in case or composition fold to one", () => {
    expect(fold("CAFE\u0301")).toBe(fold("café"));
  });
});
