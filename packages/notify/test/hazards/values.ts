import { canonicalJson, maxBytes, type Json } from "@stellaops/kernel";
import { expect } from "vitest";
import type { Channel } from "../../src/index.ts";
import { rule } from "../routing/samples.ts";
import { item, throttleLimit } from "../work/samples.ts";
import { refusal, type On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = ({ both, roundTrip, json }: On) => ({
  "U+0000 in text or a key": async () => {
    expect(await roundTrip({ name: "a\0" })).toMatchObject(refusal("VALUE_NUL", "name"));
    const put = await both(({ rules }) => rules.put(rule({ eventKinds: ["a", "\0"] }), 0n));
    expect(put).toMatchObject({ error: "VALUE_NUL" });
    expect(await json({ a: [{ "\0": 1 }] })).toMatchObject({ error: "VALUE_NUL" });
  },
  "lone surrogate": async () => {
    expect(await roundTrip({ name: "\ud83d" })).toMatchObject(refusal("VALUE_NOT_WELL_FORMED", "name"));
    expect(await json({ "\udc00": 1 })).toMatchObject({ error: "VALUE_NOT_WELL_FORMED" });
  },
  "NaN, ±Infinity in JSON": async () => {
    for (const value of [Number.NaN, Infinity, -Infinity])
      expect(await json({ a: [value] })).toMatchObject(refusal("VALUE_NOT_FINITE", "labels.a.0"));
  },
  "−0": async () => {
    expect(await json({ zero: [-0] })).toMatchObject({ value: { labels: { zero: [0] } } });
    const added = await both(async ({ digests }) => {
      const { digestId } = await digests.addItem(item({ item: [-0] }));
      return (await digests.get(digestId))?.items;
    });
    expect(added).toEqual({ value: [[0]] });
  },
  "integers beyond 2^53": async () => {
    const most = 2n ** 63n - 1n;
    const made = throttleLimit({ maxEvents: 2n ** 62n + 1n });
    const read = await both(async ({ throttleConfigs }) => {
      await throttleConfigs.configure(made);
      return throttleConfigs.get(made.id);
    });
    expect(read).toMatchObject({ value: { maxEvents: 4_611_686_018_427_387_905n } });
    const above = await both(({ throttleConfigs }) =>
      throttleConfigs.configure(throttleLimit({ maxEvents: most + 1n })),
    );
    expect(above).toMatchObject(refusal("VALUE_OUT_OF_RANGE", "maxEvents"));
    expect(await json([2 ** 53, -(2 ** 63), 1e21, 5e-324])).toMatchObject({
      value: { labels: [2 ** 53, -(2 ** 63), 1e21, 5e-324] },
    });
    expect(await json([1n])).toMatchObject(refusal("VALUE_NOT_JSON", "labels.0"));
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
    expect(await roundTrip({ throttle: undefined as never })).toMatchObject({ family: "data", path: "throttle" });
    expect(await json({ a: undefined })).toMatchObject(refusal("VALUE_UNDEFINED", "labels.a"));
  },
  "object key order": async () => {
    const one = JSON.parse('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}') as Json;
    const read = await json(one);
    if (!("value" in read)) throw new Error("refused");
    expect(canonicalJson((read.value as Channel).labels as Json)).toBe(canonicalJson(one));
  },
  'keys "", "a.b", "$x"': async () => {
    const payload = JSON.parse('{"":{"":1},"a.b":{"$set":1},"$x":[{"$gt":""}],"a":{"b":2}}') as Json;
    expect(await json(payload)).toMatchObject({ value: { labels: payload } });
    // Appended by a statement of its own.
    const gathered = await both(async ({ digests }) => {
      const one = item({ item: payload });
      await digests.addItem(one);
      const { digestId } = await digests.addItem({ ...one, item: [payload] });
      return (await digests.get(digestId))?.items;
    });
    expect(gathered).toEqual({ value: [payload, [payload]] });
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
      expect(canonicalJson((read.value as Channel).labels as Json)).toBe(canonicalJson(JSON.parse(text) as Json));
    }
    for (const text of ['{"_bsontype":"Long"}', '{"$ref":"a.b","$id":1}'])
      expect(await json(JSON.parse(text))).toMatchObject({ error: "VALUE_KEY_RESERVED", family: "data" });
  },
  "document size": async () => {
    const large = "x".repeat(maxBytes - 4_000);
    const read = await json({ large });
    expect("value" in read && (read.value as { labels: { large: string } }).labels.large.length).toBe(large.length);
    expect(await json({ large: `${large}${"x".repeat(4_000)}` })).toMatchObject({ error: "VALUE_TOO_LARGE" });
  },
  "nesting depth": async () => {
    const nested = (depth: number): Json =>
      depth === 0 ? 1 : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) };
    expect(await json(nested(90))).toMatchObject({ value: { labels: nested(90) } });
    expect(await json(nested(91))).toMatchObject({ error: "VALUE_TOO_DEEP" });
  },
  "string length": async () => {
    const name = "\u{1f600}".repeat(200);
    expect(await roundTrip({ name })).toMatchObject({ value: { name } });
    expect(await roundTrip({ name: `${name}x` })).toMatchObject(refusal("VALUE_TOO_LONG", "name"));
  },
});
