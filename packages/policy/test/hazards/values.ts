import { canonicalJson, maxBytes, type Json } from "@stellaops/kernel";
import { expect } from "vitest";
import { packHash, type PackVersion } from "../../src/index.ts";
import { completion, evaluation, explanation, packVersion, rule } from "../samples.ts";
import { refusal, type On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = ({ both, roundTrip, json }: On) => ({
  "U+0000 in text or a key": async () => {
    expect(await roundTrip({ source: "a\0" })).toMatchObject(refusal("VALUE_NUL", "source"));
    expect(await roundTrip({ rules: [rule({ ruleKey: "\0" })] })).toMatchObject(
      refusal("VALUE_NUL", "rules.0.ruleKey"),
    );
    expect(await json({ a: [{ "\0": 1 }] })).toMatchObject({ error: "VALUE_NUL" });
  },
  "lone surrogate": async () => {
    expect(await roundTrip({ version: "\ud83d" })).toMatchObject(refusal("VALUE_NOT_WELL_FORMED", "version"));
    expect(await json({ "\udc00": 1 })).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
  },
  "NaN, ±Infinity in JSON": async () => {
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(await json({ a: [value] })).toMatchObject(refusal("VALUE_NOT_FINITE", "compiled.a.0"));
  },
  "−0": async () => {
    expect(await json({ zero: [-0] })).toMatchObject({ value: { compiled: { zero: [0] } } });
    // And hashes as 0, wherever it is hashed.
    expect(packHash(packVersion({ compiled: [-0] }))).toBe(packHash(packVersion({ compiled: [0] })));
    expect(await roundTrip({ rules: [rule({ ordinal: -0 })] })).toMatchObject({ value: { rules: [{ ordinal: 0 }] } });
  },
  "integers beyond 2^53": async () => {
    const start = evaluation();
    const counted = await both(async ({ evaluationRuns }) => {
      await evaluationRuns.start(start);
      return evaluationRuns.complete(completion(start.id, { passed: 2n ** 63n - 1n, warned: 9_007_199_254_740_993n }));
    });
    expect(counted).toMatchObject({ value: { passed: 2n ** 63n - 1n, warned: 9_007_199_254_740_993n } });
    const above = explanation({ ordinal: 2n ** 63n });
    expect(await both(({ explanations }) => explanations.appendBatch([above]))).toMatchObject(
      refusal("VALUE_OUT_OF_RANGE", "ordinal"),
    );
    expect(await json([2 ** 53, -(2 ** 63), 1e21, 5e-324])).toMatchObject({
      value: { compiled: [2 ** 53, -(2 ** 63), 1e21, 5e-324] },
    });
    expect(await json([1n])).toMatchObject(refusal("VALUE_NOT_JSON", "compiled.0"));
  },
  "date precision": async () => {
    const at = new Date(1_767_225_600_123.9);
    expect(await roundTrip({ createdAt: at })).toMatchObject({ value: { createdAt: new Date(1_767_225_600_123) } });
  },
  "invalid Date": async () => {
    expect(await roundTrip({ createdAt: new Date(Number.NaN) })).toMatchObject(refusal("VALUE_DATE", "createdAt"));
  },
  "far dates": async () => {
    const [first, last] = [new Date("0001-01-01T00:00:00.000Z"), new Date("9999-12-31T23:59:59.999Z")];
    expect(await roundTrip({ createdAt: first, updatedAt: last })).toMatchObject({
      value: { createdAt: first, updatedAt: last },
    });
    for (const ms of [first.getTime() - 1, last.getTime() + 1])
      expect(await roundTrip({ updatedAt: new Date(ms) })).toMatchObject(refusal("VALUE_DATE_RANGE", "updatedAt"));
  },
  undefined: async () => {
    expect(await roundTrip({ publishedBy: undefined as never })).toMatchObject({ family: "data", path: "publishedBy" });
    expect(await json({ a: undefined })).toMatchObject(refusal("VALUE_UNDEFINED", "compiled.a"));
  },
  "object key order": async () => {
    const one = JSON.parse('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}') as Json;
    const read = await json(one);
    if (!("value" in read)) throw new Error("refused");
    const { compiled } = read.value as PackVersion;
    expect(canonicalJson(compiled as Json)).toBe(canonicalJson(one));
    expect(packHash(packVersion({ compiled }))).toBe(packHash(packVersion({ compiled: one })));
  },
  'keys "", "a.b", "$x"': async () => {
    const payload = JSON.parse('{"":{"":1},"a.b":{"$set":1},"$x":[{"$gt":""}],"a":{"b":2}}') as Json;
    expect(await json(payload)).toMatchObject({ value: { compiled: payload } });
    expect(await roundTrip({ rules: [rule({ body: payload })] })).toMatchObject({
      value: { rules: [{ body: payload }] },
    });
  },
  "keys that a driver treats specially": async () => {
    const special = [
      '{"__proto__":{"x":1},"constructor":1,"toString":null,"toBSON":1,"toJSON":2}',
      '{"$ref":"things","$id":1}',
      '{"$oid":"000000000000000000000000","$date":1,"$numberLong":"1"}',
    ];
    for (const text of special) {
      const read = await json(JSON.parse(text));
      if (!("value" in read)) throw new Error(`${text} was refused: ${read.error}`);
      const { compiled } = read.value as PackVersion;
      expect(canonicalJson(compiled as Json)).toBe(canonicalJson(JSON.parse(text) as Json));
    }
    for (const text of ['{"_bsontype":"Long"}', '{"$ref":"a.b","$id":1}'])
      expect(await json(JSON.parse(text))).toMatchObject({ error: "VALUE_KEY_RESERVED", family: "data" });
  },
  "document size": async () => {
    const large = "x".repeat(maxBytes - 4_000);
    const read = await json({ large });
    expect("value" in read && (read.value as { compiled: { large: string } }).compiled.large.length).toBe(large.length);
    expect(await json({ large: `${large}${"x".repeat(4_000)}` })).toMatchObject({ error: "VALUE_TOO_LARGE" });
  },
  "nesting depth": async () => {
    const nested = (depth: number): Json =>
      depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
    expect(await json(nested(90))).toMatchObject({ value: { compiled: nested(90) } });
    expect(await json(nested(91))).toMatchObject({ error: "VALUE_TOO_DEEP" });
  },
  "string length": async () => {
    const version = "\u{1f600}".repeat(100);
    expect(await roundTrip({ version })).toMatchObject({ value: { version } });
    expect(await roundTrip({ version: `${version}x` })).toMatchObject(refusal("VALUE_TOO_LONG", "version"));
  },
});
