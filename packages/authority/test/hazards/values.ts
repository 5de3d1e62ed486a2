import { canonicalJson, maxBytes, type Json } from "@stellaops/kernel";
import { expect } from "vitest";
import type { User } from "../../src/aggregates.ts";
import { noon } from "../samples.ts";
import { refusal, type On } from "./on.ts";

/** What a single value meets on its way in and out. */
export const values = ({ both, roundTrip, json, licensed }: On) => ({
  "U+0000 in text or a key": async () => {
    expect(await roundTrip({ displayName: "a\0" })).toMatchObject(refusal("VALUE_NUL", "displayName"));
    expect(await json({ "\0": 1 })).toMatchObject({ error: "VALUE_NUL" });
    const usage = [{ metric: "\0", period: "p", used: 0n }];
    expect(await licensed({ usage })).toMatchObject(refusal("VALUE_NUL", "usage.0.metric"));
  },
  "lone surrogate": async () => {
    expect(await roundTrip({ username: "\ud83d" })).toMatchObject(refusal("VALUE_NOT_WELL_FORMED", "username"));
  },
  "NaN, ±Infinity in JSON": async () => {
    expect(await json({ a: [Number.NaN] })).toMatchObject(refusal("VALUE_NOT_FINITE", "attributes.a.0"));
    expect(await licensed({ limits: { scans: Infinity } })).toMatchObject(refusal("VALUE_NOT_FINITE", "limits.scans"));
  },
  "−0": async () => {
    expect(await json({ zero: -0 })).toMatchObject({ value: { attributes: { zero: 0 } } });
    expect(await licensed({ limits: { scans: -0 } })).toMatchObject({ value: { limits: { scans: 0 } } });
  },
  "integers beyond 2^53": async () => {
    const usage = [{ metric: "scans", period: "p", used: 2n ** 63n - 1n }];
    expect(await licensed({ usage })).toMatchObject({ value: { usage } });
    expect(await roundTrip({ failedAttempts: 2n ** 63n })).toMatchObject(
      refusal("VALUE_OUT_OF_RANGE", "failedAttempts"),
    );
    expect(await licensed({ limits: { scans: 2 ** 53 } })).toMatchObject(refusal("VALUE_INVALID", "limits"));
  },
  "date precision": async () => {
    const at = new Date(1_767_225_600_123.9);
    expect(await roundTrip({ lastLoginAt: at })).toMatchObject({
      value: { lastLoginAt: new Date(1_767_225_600_123) },
    });
  },
  "invalid Date": async () => {
    const never = new Date(Number.NaN);
    expect(await roundTrip({ lockedUntil: never })).toMatchObject(refusal("VALUE_DATE", "lockedUntil"));
    expect(await both(({ tokens }) => tokens.purgeExpired(never, 1))).toMatchObject(refusal("VALUE_DATE", "expiresAt"));
  },
  "far dates": async () => {
    const [first, last] = [new Date("0001-01-01T00:00:00.000Z"), new Date("9999-12-31T23:59:59.999Z")];
    const far = { lastLoginAt: first, lockedUntil: last };
    expect(await roundTrip(far)).toMatchObject({ value: far });
    const beyond = new Date(last.getTime() + 1);
    expect(await roundTrip({ lockedUntil: beyond })).toMatchObject(refusal("VALUE_DATE_RANGE", "lockedUntil"));
  },
  undefined: async () => {
    expect(await roundTrip({ email: undefined as never })).toMatchObject(refusal("VALUE_UNDEFINED", "email"));
    expect(await json({ a: undefined })).toMatchObject(refusal("VALUE_UNDEFINED", "attributes.a"));
  },
  "object key order": async () => {
    const one = JSON.parse('{"b":1,"a":{"d":1,"c":2},"10":1,"9":2}') as Json;
    const read = await json(one);
    if (!("value" in read)) throw new Error("refused");
    expect(canonicalJson((read.value as User).attributes as Json)).toBe(canonicalJson(one));
  },
  'keys "", "a.b", "$x"': async () => {
    const attributes = JSON.parse('{"":{"":1},"a.b":{"$set":1},"$x":[{"$gt":""}]}') as Json;
    expect(await json(attributes)).toMatchObject({ value: { attributes } });
    // As names of metrics they are part of an update: licenses.consume in the contract suite.
  },
  "keys that a driver treats specially": async () => {
    for (const text of ['{"__proto__":{"x":1},"constructor":1}', '{"$ref":"things","$id":1}']) {
      const read = await json(JSON.parse(text));
      if (!("value" in read)) throw new Error(`${text} was refused: ${read.error}`);
      expect(canonicalJson((read.value as User).attributes as Json)).toBe(canonicalJson(JSON.parse(text) as Json));
    }
    expect(await json({ _bsontype: "Long" })).toMatchObject({ error: "VALUE_KEY_RESERVED" });
  },
  "document size": async () => {
    expect(await json({ large: "x".repeat(maxBytes) })).toMatchObject({ error: "VALUE_TOO_LARGE" });
    expect(await json({ large: "x".repeat(maxBytes - 4_000) })).toMatchObject({ value: { revision: 1n } });
  },
  "nesting depth": async () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(await json(nested(90))).toMatchObject({ value: { attributes: nested(90) } });
    expect(await json(nested(91))).toMatchObject({ error: "VALUE_TOO_DEEP" });
  },
  "string length": async () => {
    const username = "\u{1f600}".repeat(200);
    expect(await roundTrip({ username })).toMatchObject({ value: { username } });
    expect(await roundTrip({ username: `${username}x` })).toMatchObject(refusal("VALUE_TOO_LONG", "username"));
    // Folded it takes more code points than it has.
    const wide = "\u0130".repeat(200);
    expect(await roundTrip({ username: wide, createdAt: noon })).toMatchObject({ value: { username: wide } });
    expect(await both(({ users }) => users.findByUsername(wide))).toMatchObject({ value: { username: wide } });
  },
});
