import { describe, expect, test } from "vitest";
import { canonical, canonicalJson, compare, hashOf, normalise, sha256, type Json } from "../src/index.ts";
import { samples } from "./random.ts";
import { thing, things } from "./things.ts";

/** The same value with the keys of every object the other way round. */
const reversed = (value: Json): Json => {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, item]) => [key, reversed(item)]),
  );
};

describe("canonical JSON", () => {
  test("the example of RFC 8785", () => {
    const value = {
      numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test("equal values give equal bytes, which read back equal", () => {
    for (const value of samples(2_000, (random) => random.json())) {
      const text = canonicalJson(value);
      expect(canonicalJson(reversed(value))).toBe(text);
      expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }
  });

  test("different values give different bytes", () => {
    const texts = new Map<string, string>();
    for (const value of samples(2_000, (random) => random.json())) {
      const plain = JSON.stringify(JSON.parse(canonicalJson(value)));
      expect(texts.get(canonicalJson(value)) ?? plain).toBe(plain);
      texts.set(canonicalJson(value), plain);
    }
    expect(canonicalJson({ a: "1" })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson([[], {}])).not.toBe(canonicalJson([{}, []]));
  });

  test("-0 is 0, and a key may have a prototype's name", () => {
    expect(canonicalJson([-0])).toBe("[0]");
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":1}}') as Json)).toBe('{"__proto__":{"a":1},"b":1}');
  });

  test("a known hash", () => {
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});

describe("aggregates", () => {
  test("every kind has one JSON form", () => {
    expect(canonical(things.shape, { ...thing, seenAt: new Date(0), price: "01.50" })).toEqual({
      ...thing,
      createdAt: "2026-01-01T00:00:00.123Z",
      updatedAt: "2026-01-02T00:00:00.456Z",
      seenAt: "1970-01-01T00:00:00.000Z",
      uses: "9007199254740993",
      labels: [{ label: "x", weight: "1", extra: {} }],
    });
  });

  test("the hash is of the content: not of key order, the order of a set or the writing of a decimal", () => {
    const same = normalise(things, {
      ...Object.fromEntries(Object.entries(thing).toReversed()),
      price: "1.50",
      tags: ["b", "a", "a"],
    });
    expect(hashOf(things, same)).toBe(hashOf(things, thing));
    expect(hashOf(things, thing)).toMatch(/^[0-9a-f]{64}$/);
    for (const other of [{ rank: 2 }, { steps: ["a", "b", "b"] }, { note: "" }, { payload: { a: "1" } }, { notes: [] }])
      expect(hashOf(things, { ...thing, ...other })).not.toBe(hashOf(things, thing));
  });

  test("a comparison names what differs and shows neither secrets nor payloads", () => {
    expect(compare(things, thing, thing)).toEqual([]);
    const other = { ...thing, rank: 2, token: "other words", payload: { a: "private" }, notes: [] };
    const found = compare(things, thing, other);
    expect(found.map(({ path }) => path)).toEqual(["notes", "payload", "rank", "token"]);
    expect(found.find(({ path }) => path === "rank")).toEqual({ path: "rank", left: 1, right: 2 });
    expect(JSON.stringify(found)).not.toMatch(/words|private/);
  });
});
