import { describe, expect, test } from "vitest";
import { canonicalJson, cleanJson, codeOf, maxBytes, maxDepth, refuseAboveLimit, sizeOf } from "../src/index.ts";
import { samples } from "./random.ts";
import { refusal } from "./refusal.ts";

const fault = (value: unknown) => {
  const result = cleanJson(value);
  return "fault" in result ? [result.fault.code, result.fault.path.join(".")] : "accepted";
};
const cleaned = (value: unknown): unknown => {
  const result = cleanJson(value);
  return "value" in result ? result.value : result.fault;
};
const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)]);

describe("refused, with the path", () => {
  test.each([
    ["a NUL in text", { a: ["x", "y\0"] }, "VALUE_NUL", "a.1"],
    ["a NUL in a key", { a: { "b\0": 1 } }, "VALUE_NUL", "a"],
    ["a lone high surrogate", { a: "\ud800" }, "VALUE_NOT_WELL_FORMED", "a"],
    ["a lone low surrogate", ["\udc00x"], "VALUE_NOT_WELL_FORMED", "0"],
    ["half a pair in a key", { "\ud800": 1 }, "VALUE_NOT_WELL_FORMED", ""],
    ["NaN", { a: { b: NaN } }, "VALUE_NOT_FINITE", "a.b"],
    ["infinity", [-Infinity], "VALUE_NOT_FINITE", "0"],
    ["undefined", { a: undefined }, "VALUE_UNDEFINED", "a"],
    ["undefined itself", undefined, "VALUE_UNDEFINED", ""],
    ["a hole", { a: Object.assign([1], { length: 2 }) }, "VALUE_UNDEFINED", "a.1"],
    ["a date", { at: new Date(0) }, "VALUE_NOT_JSON", "at"],
    ["a bigint", [1n], "VALUE_NOT_JSON", "0"],
    ["a function", { f: () => 1 }, "VALUE_NOT_JSON", "f"],
    ["a map", new Map(), "VALUE_NOT_JSON", ""],
    ["bytes", { b: new Uint8Array(1) }, "VALUE_NOT_JSON", "b"],
  ])("%s", (_, value, code, path) => {
    expect(fault(value)).toEqual([code, path]);
  });

  test("more than 90 levels, and a cycle", () => {
    expect(fault(nested(maxDepth))).toBe("accepted");
    expect(fault(nested(maxDepth + 1))).toEqual(["VALUE_TOO_DEEP", Array.from({ length: maxDepth }).fill(0).join(".")]);
    const loop: Record<string, unknown> = {};
    loop["self"] = loop;
    expect(fault(loop)).toMatchObject(["VALUE_TOO_DEEP", expect.any(String)]);
  });
});

describe("kept", () => {
  test.each([
    ["at the root", -0, 0],
    ["in an array", [-0], [0]],
    ["in an object", { a: -0 }, { a: 0 }],
    ["below", { a: [{ b: -0 }] }, { a: [{ b: 0 }] }],
  ])("negative zero %s becomes zero", (_, value, expected) => {
    // `toStrictEqual` tells -0 from 0.
    expect(cleaned(value)).toStrictEqual(expected);
  });

  test.each([
    ["keys that queries give a meaning", { "": 1, "a.b": 2, $x: 3 }],
    ["a prototype's name as a key", JSON.parse('{"__proto__":{"x":[-0]},"constructor":1}') as unknown],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
    ["text beyond the basic plane", { "😀": "\u{10ffff}\ufffe" }],
  ])("%s", (_, value) => {
    expect(JSON.stringify(cleaned(value))).toBe(JSON.stringify(value));
  });

  test("what needs no change is given back as the same object", () => {
    const value = { a: [1, { b: "c" }] };
    expect(cleaned(value)).toBe(value);
  });

  test("random payloads: clean once, clean for good, and canonically the same", () => {
    for (const value of samples(2_000, (random) => random.json())) {
      const once = cleaned(value);
      expect(cleaned(once)).toStrictEqual(once);
      expect(once).toStrictEqual(JSON.parse(JSON.stringify(value)));
      expect(cleanJson(value)).toMatchObject({ value: once });
      expect(canonicalJson(value)).toBe(canonicalJson(JSON.parse(JSON.stringify(once)) as typeof value));
    }
  });
});

describe("size", () => {
  test("refused above 8 MiB, with both numbers", () => {
    expect(() => refuseAboveLimit("it", "x".repeat(maxBytes - 2))).not.toThrow();
    expect(refusal(() => refuseAboveLimit("it", "x".repeat(maxBytes - 1)))).toMatchObject({
      code: "VALUE_TOO_LARGE",
      family: "data",
    });
    expect(refusal(() => refuseAboveLimit("it", ["é".repeat(maxBytes / 2)])).message).toContain(String(maxBytes));
  });

  test("many small items count with the keys that BSON gives them", () => {
    // BSON: a type, the index as text, its end, and for a text its length and end: 14 bytes for an empty one at index 1,000,000.
    const bson = (n: number) =>
      Array.from({ length: n }, (_, i) => 1 + String(i).length + 1 + 4 + 1).reduce((a, b) => a + b, 0);
    const items = Array.from({ length: 1_500_000 }, () => "");
    expect(2 * sizeOf(items)).toBeGreaterThan(bson(items.length));
  });

  test("code points, dates and null have a size", () => {
    expect(sizeOf({ a: "é", b: [null, new Date(0)] })).toBeGreaterThan(10);
    expect(codeOf(undefined)).toBeUndefined();
  });
});
