import { canonicalJson, type Json } from "@stellaops/kernel";
import { BSON } from "mongodb";
import { describe, expect, it } from "vitest";
import { jsonText } from "../src/compare/json-text.ts";
import { plainText, readDocument } from "../src/compare/mongo/bson.ts";
import { inexactNumber } from "../src/compare/postgres/numbers.ts";

const payloads: readonly Json[] = [
  null,
  0,
  -1.5e-9,
  1e21,
  '"\\\u0001\u2028\u{1f600}é',
  [],
  {},
  { b: 1, a: [true, false, null, { z: {}, "": [[]] }] },
  { "\u{1f600}": 1, "\uffff": 2, "a.b": 3, $ref: "x", $id: "y", 10: 1, 9: 2 },
  JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}') as Json,
  { _bsontype: "Long", low: 1, high: 0 },
  { $ref: "c", $id: { $oid: 1 }, $db: "d", more: 1 },
];

describe("payloads have one canonical text", () => {
  it.each(payloads.map((payload) => [JSON.stringify(payload), payload] as const))("%s", (_, payload) => {
    const expected = canonicalJson(payload);
    expect(jsonText(payload)).toBe(expected);
    const refused: string[] = [];
    // Under a Map the serializer takes no key of the payload for a BSON type.
    const bytes = BSON.serialize(new Map([["payload", mapped(payload)]]));
    expect(plainText(readDocument(bytes).document["payload"], () => refused.push("refused"))).toBe(expected);
    expect(refused).toEqual([]);
  });

  const mapped = (value: Json): unknown => {
    if (Array.isArray(value)) return value.map(mapped);
    if (typeof value !== "object" || value === null) return value;
    return new Map(Object.entries(value).map(([name, item]) => [name, mapped(item)]));
  };
});

describe("what JSON does not have is told", () => {
  it.each([
    ["-0", new BSON.Double(-0)],
    ["NaN", new BSON.Double(Number.NaN)],
    ["infinity", new BSON.Double(Number.POSITIVE_INFINITY)],
    ["a wide Long", BSON.Long.fromString("9007199254740993")],
    ["Date", new Date(0)],
    ["Decimal128", BSON.Decimal128.fromString("1.0")],
    ["ObjectId", new BSON.ObjectId()],
    ["Binary", new BSON.Binary(Buffer.from("x"))],
    ["a regular expression", new BSON.BSONRegExp("x")],
    ["MinKey", new BSON.MinKey()],
    ["Timestamp", new BSON.Timestamp(1n)],
  ])("%s", (_, value) => {
    let refused = 0;
    const { document } = readDocument(BSON.serialize({ value }));
    const text = plainText({ inside: [document["value"]] }, () => (refused += 1));
    expect(refused).toBe(1);
    expect(JSON.parse(text)).toHaveProperty(["inside", 0, "$bson"]);
  });

  it("a narrow Long counts as the number it is", () => {
    const { document } = readDocument(BSON.serialize({ value: BSON.Long.fromNumber(7) }));
    expect(plainText(document["value"], () => expect.unreachable())).toBe("7");
  });

  it("a document that is no UTF-8 is read all the same, and told", () => {
    const bytes = BSON.serialize({ text: "abc" });
    bytes[bytes.indexOf(0x61)] = 0xff;
    bytes[bytes.indexOf(0x62)] = 0xff;
    expect(readDocument(bytes).valid).toBe(false);
  });
});

describe("numbers in jsonb that no double gives back", () => {
  it.each([
    ["9007199254740993", true],
    ["[0.1000000000000000055511151231257827]", true],
    ['{"a": 123456789012345678}', true],
    ["1234567.12345678901", true],
    ["0.30000000000000004", false],
    ["9007199254740991", false],
    ["1000000000000000000000", false],
    ["0.0000000000000000000012345", false],
    ["-1.7976931348623157", false],
    ['"9007199254740993"', false],
    ['{"9007199254740993": "\\"9007199254740993"}', false],
  ])("%s: %s", (text, inexact) => {
    expect(inexactNumber(text)).toBe(inexact);
  });
});
