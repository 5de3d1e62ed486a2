import { canonicalJson, maxBytes, type Json } from "@stellaops/kernel";
import { expect } from "vitest";
import type { Advisory } from "../../src/aggregates.ts";
import { noon, source, sourceState } from "../samples.ts";
import { refusal, type On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = ({ both, roundTrip, json }: On) => ({
  "U+0000 in text or a key": async () => {
    expect(await roundTrip({ title: "a\0" })).toMatchObject(refusal("VALUE_NUL", "title"));
    expect(await roundTrip({ credits: [{ name: "a", kind: null, contact: ["\0"] }] })).toMatchObject(
      refusal("VALUE_NUL", "credits.0.contact.0"),
    );
    expect(await json({ a: [{ "\0": 1 }] })).toMatchObject({ error: "VALUE_NUL" });
  },
  "lone surrogate": async () => {
    expect(await roundTrip({ summary: "\ud83d" })).toMatchObject(refusal("VALUE_NOT_WELL_FORMED", "summary"));
    expect(await json({ "\udc00": 1 })).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
  },
  "NaN, ±Infinity in JSON": async () => {
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(await json({ a: [value] })).toMatchObject(refusal("VALUE_NOT_FINITE", "raw.a.0"));
  },
  "−0": async () => {
    const raw = { list: [-0], object: { zero: -0 } };
    expect(await json(raw)).toMatchObject({ value: { raw: { list: [0], object: { zero: 0 } } } });
    const zero = source({ key: "zero", priority: -0 });
    expect(await both(({ sources }) => sources.put(zero, 0n))).toEqual({ value: 1n });
    expect(await both(({ sources }) => sources.findByKey("zero"))).toMatchObject({ value: { priority: 0 } });
  },
  "integers beyond 2^53": async () => {
    const state = sourceState({ failures: 2n ** 63n - 1n });
    const read = await both(async ({ sourceStates }) => {
      await sourceStates.put(state, 0n);
      return sourceStates.findBySource(state.sourceId);
    });
    expect(read).toMatchObject({ value: { failures: 9_223_372_036_854_775_807n } });
    expect(await both(({ sourceStates }) => sourceStates.put(sourceState({ failures: 2n ** 63n }), 0n))).toMatchObject(
      refusal("VALUE_OUT_OF_RANGE", "failures"),
    );
    // In a payload they are what JSON.parse makes of them: doubles, the same on both.
    expect(await json([2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 5e-324, Number.MAX_VALUE])).toMatchObject({
      value: { raw: [2 ** 53, 2 ** 53 + 2, -(2 ** 63), 1e21, 5e-324, Number.MAX_VALUE] },
    });
    expect(await json([1n])).toMatchObject(refusal("VALUE_NOT_JSON", "raw.0"));
  },
  "Decimal128 and numeric scale": async () => {
    const scores = ["7.0", "007", "-0.0", "10", "99999999999999999999999999999.9"];
    const cvss = scores.map((baseScore) => ({ version: "", vector: "", baseScore, source: null }));
    const read = await roundTrip({ cvss });
    const stored = ["7", "7", "0", "10", "99999999999999999999999999999.9"];
    expect(read).toMatchObject({ value: { cvss: stored.map((baseScore) => ({ baseScore })) } });
  },
  "excess numeric scale": async () => {
    const cvss = [{ version: "", vector: "", baseScore: "9.85", source: null }];
    expect(await roundTrip({ cvss })).toMatchObject(refusal("VALUE_SCALE", "cvss.0.baseScore"));
  },
  "date precision": async () => {
    const at = new Date(1_767_225_600_123.9);
    expect(await roundTrip({ publishedAt: at })).toMatchObject({ value: { publishedAt: new Date(1_767_225_600_123) } });
  },
  "invalid Date": async () => {
    expect(await roundTrip({ publishedAt: new Date(Number.NaN) })).toMatchObject(refusal("VALUE_DATE", "publishedAt"));
  },
  "far dates": async () => {
    const [first, last] = [new Date("0001-01-01T00:00:00.000Z"), new Date("9999-12-31T23:59:59.999Z")];
    expect(await roundTrip({ publishedAt: first, modifiedAt: last })).toMatchObject({
      value: { publishedAt: first, modifiedAt: last },
    });
    for (const ms of [first.getTime() - 1, last.getTime() + 1])
      expect(await roundTrip({ modifiedAt: new Date(ms) })).toMatchObject(refusal("VALUE_DATE_RANGE", "modifiedAt"));
  },
  undefined: async () => {
    expect(await roundTrip({ summary: undefined as never })).toMatchObject(refusal("VALUE_UNDEFINED", "summary"));
    expect(await json({ a: undefined })).toMatchObject(refusal("VALUE_UNDEFINED", "raw.a"));
    expect(await json([, 1])).toMatchObject(refusal("VALUE_UNDEFINED", "raw.0")); // oxlint-disable-line no-sparse-arrays
  },
  "object key order": async () => {
    const one = JSON.parse('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}') as Json;
    const read = await json(one);
    if (!("value" in read)) throw new Error("refused");
    expect(canonicalJson((read.value as Advisory).raw as Json)).toBe(canonicalJson(one));
  },
  'keys "", "a.b", "$x"': async () => {
    const raw = JSON.parse('{"":{"":1},"a.b":{"$set":1},"$x":[{"$gt":""}],"a":{"b":2}}') as Json;
    expect(await json(raw)).toMatchObject({ value: { raw } });
    const state = sourceState();
    const advanced = await both(async ({ sourceStates }) => {
      await sourceStates.put(state, 0n);
      return sourceStates.advanceCursor({ sourceId: state.sourceId, expected: 1n, cursor: raw, at: noon });
    });
    expect(advanced).toMatchObject({ value: { cursor: raw } });
  },
  "keys that a driver treats specially": async () => {
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
    for (const text of special) {
      const read = await json(JSON.parse(text));
      if (!("value" in read)) throw new Error(`${text} was refused: ${read.error}`);
      expect(canonicalJson((read.value as Advisory).raw as Json)).toBe(canonicalJson(JSON.parse(text) as Json));
    }
    for (const text of ['{"_bsontype":"Long"}', '{"a":[{"_bsontype":1}]}', '{"$ref":"a.b","$id":1}'])
      expect(await json(JSON.parse(text))).toMatchObject({ error: "VALUE_KEY_RESERVED", family: "data" });
  },
  "document size": async () => {
    const large = "x".repeat(maxBytes - 4_000);
    const read = await json({ large });
    expect("value" in read && (read.value as { raw: { large: string } }).raw.large.length).toBe(large.length);
    expect(await json({ large: `${large}${"x".repeat(4_000)}` })).toMatchObject({ error: "VALUE_TOO_LARGE" });
    // Two bytes in UTF-8 count as two.
    expect(await json({ large: "é".repeat(maxBytes / 2) })).toMatchObject({ error: "VALUE_TOO_LARGE" });
  },
  "nesting depth": async () => {
    const nested = (depth: number): Json =>
      depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
    // The deepest place a payload stands in: inside a child, inside its root.
    const at = (depth: number) => [
      { ecosystem: "", package: "", purl: null, ranges: nested(depth) as never, versions: [], fixed: [] },
    ];
    expect(await roundTrip({ affected: at(90) })).toMatchObject({ value: { affected: at(90) } });
    expect(await roundTrip({ affected: at(91) })).toMatchObject({ error: "VALUE_TOO_DEEP" });
  },
  "string length": async () => {
    expect(await roundTrip({ primaryId: "\u{1f600}".repeat(200) })).toMatchObject({
      value: { primaryId: "\u{1f600}".repeat(200) },
    });
    expect(await roundTrip({ primaryId: "\u{1f600}".repeat(201) })).toMatchObject(
      refusal("VALUE_TOO_LONG", "primaryId"),
    );
  },
});
