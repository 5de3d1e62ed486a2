import { canonicalJson, maxBytes, type Json } from "@stellaops/kernel";
import { expect } from "vitest";
import { refusal, type SubjectOn } from "./hazard-subject.ts";

/** Keys that are operators or paths to one database, and nothing to the other. */
export const oddKeys: Json = JSON.parse('{"":{"":1},"a.b":{"$set":1},"$x":[{"$gt":""}],"a":{"b":2}}');

/** That deep, of arrays and objects in turn. */
export const nested = (depth: number): Json =>
  depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
const arrays = (depth: number): Json => (depth === 0 ? 1 : [arrays(depth - 1)]);

// As text: in a literal `__proto__` would be no key.
const special = [
  '{"__proto__":{"x":1},"constructor":1,"toString":null,"toBSON":1,"toJSON":2}',
  '{"constructor":[{"a":1}],"toString":[{"b":[{"c":1}]}],"__proto__":[{"d":1}],"hasOwnProperty":[[{"e":1}]]}',
  '{"$ref":"things","$id":1}',
  '{"$ref":"things","$id":{"a":1},"$db":"other","z":1}',
  '{"$id":1,"$ref":"things"}',
  '{"$ref":"a.b.c","$id":1}',
  '{"$ref":"a.b"}',
  '{"$oid":"000000000000000000000000","$date":1,"$numberLong":"1"}',
];
const reserved = ['{"_bsontype":"Long"}', '{"a":[{"_bsontype":1}]}', '{"$ref":"a.b","$id":1}'];

/** What a payload meets on its way in and out. */
export function payloadHazards<R, T>({ json, payload }: SubjectOn<R, T>) {
  /** What is stored of it, in canonical form, in which nothing depends on the order of keys. */
  const canonical = async (text: string): Promise<string> => {
    const read = await json(JSON.parse(text));
    if (!("value" in read)) throw new Error(`${text} was refused: ${read.error}`);
    return canonicalJson((read.value as Readonly<Record<string, Json>>)[payload]!);
  };
  const unchanged = async (text: string): Promise<void> =>
    expect(await canonical(text)).toBe(canonicalJson(JSON.parse(text)));

  return {
    "NaN, ±Infinity in JSON": async () => {
      for (const value of [Number.NaN, Infinity, -Infinity])
        expect(await json({ a: [value] })).toMatchObject(refusal("VALUE_NOT_FINITE", `${payload}.a.0`));
    },
    "−0": async () => {
      const stored = { zero: 0, list: [0], object: { zero: 0 } };
      expect(await json({ zero: -0, list: [-0], object: { zero: -0 } })).toMatchObject({
        value: { [payload]: stored },
      });
    },
    "integers beyond 2^53": async () => {
      // In a payload they are what JSON.parse makes of them: doubles, the same on both.
      const numbers = [2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 5e-324, Number.MAX_VALUE];
      expect(await json(numbers)).toMatchObject({ value: { [payload]: numbers } });
      expect(await json([1n])).toMatchObject(refusal("VALUE_NOT_JSON", `${payload}.0`));
    },
    "object key order": () => unchanged('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}'),
    'keys "", "a.b", "$x"': async () => {
      expect(await json(oddKeys)).toMatchObject({ value: { [payload]: oddKeys } });
    },
    "keys that a driver treats specially": async () => {
      for (const text of special) await unchanged(text);
      for (const text of reserved)
        expect(await json(JSON.parse(text))).toMatchObject({ error: "VALUE_KEY_RESERVED", family: "data" });
    },
    "document size": async () => {
      const large = "x".repeat(maxBytes - 4_000);
      const read = await json({ large });
      expect(read).toMatchObject({ value: { revision: 1n } });
      // Of the length alone: a difference of megabytes is nothing to print.
      const stored = "value" in read && (read.value as Readonly<Record<string, { readonly large: string }>>)[payload];
      expect(stored && stored.large.length).toBe(large.length);
      // Two bytes in UTF-8 count as two.
      for (const above of ["x".repeat(maxBytes), "é".repeat(maxBytes / 2)])
        expect(await json({ large: above })).toMatchObject({ error: "VALUE_TOO_LARGE" });
    },
    "nesting depth": async () => {
      for (const make of [nested, arrays]) {
        expect(await json(make(90))).toMatchObject({ value: { [payload]: make(90) } });
        expect(await json(make(91))).toMatchObject({ error: "VALUE_TOO_DEEP" });
      }
    },
  };
}
