import { byBytes, maxDepth, textFault, type Json, type PurgeRequest } from "@stellaops/kernel";
import fc, { type Arbitrary } from "fast-check";

/** Texts that at least one of the two databases, their drivers or a codec is known to treat in a way of its own. */
export const nastyTexts: readonly string[] = [
  "",
  " ",
  "\t\n\r",
  "null",
  "NULL",
  "{}",
  '{"a","b"}',
  '"',
  "\\",
  '\\"',
  "'; drop table x; --",
  "a.b",
  "$x",
  "$ref",
  "__proto__",
  "constructor",
  "\u{1f600}\u{10ffff}",
  "\uffff\u{10000}",
  "e\u0301",
  "\u00e9",
  "\u0130\u00df\u1e9e",
  "\u202eabc",
  "\u0001\u007f",
  "%s %_ \\u0000",
];

/** Well-formed text of at most `max` code points. */
export const textArbitrary = (max = 12): Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: fc.string({ maxLength: max }) },
    { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: max }).filter((text) => textFault(text) === null) },
    { weight: 2, arbitrary: fc.constantFrom(...nastyTexts.filter((text) => [...text].length <= max)) },
  );

const edges = ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z"].map(
  (text) => new Date(text),
);
/** Years 1 to 9999, whole milliseconds. */
export const instantArbitrary = (): Arbitrary<Date> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(...edges) },
    { weight: 3, arbitrary: fc.date({ min: edges[0]!, max: edges[1]!, noInvalidDate: true }) },
  );

/** What a purge is asked for, up to a year after `since`: sometimes for less than any rule keeps, sometimes to the very millisecond. */
export const purgeArbitrary = (since: Date): Arbitrary<PurgeRequest> =>
  fc.record(
    {
      at: fc.constantFrom(0, 7, 30, 31, 365).map((days) => new Date(since.getTime() + days * 86_400_000)),
      keepDays: fc.constantFrom(0, 7, 30, 30, 31),
      limit: fc.constantFrom(1, 2, 1_000, 0),
    },
    { noNullPrototype: true },
  );

const maxCount = 2n ** 63n - 1n;
export const countArbitrary = (): Arbitrary<bigint> =>
  fc.oneof(
    fc.constantFrom(0n, 1n, -1n, 2n ** 53n + 1n, maxCount, -maxCount),
    fc.bigInt({ min: -maxCount, max: maxCount }),
  );

/** The one form of a decimal, of at most 30 digits in all. */
export const numericArbitrary = (scale: number): Arbitrary<string> => {
  const most = 10n ** 30n - 1n;
  return fc
    .oneof(fc.constantFrom(0n, 1n, 10n, -10n, most, -most), fc.bigInt({ min: -most, max: most }))
    .map((unscaled) => {
      const sign = unscaled < 0n ? "-" : "";
      const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
      const whole = digits.slice(0, digits.length - scale);
      const fraction = digits.slice(digits.length - scale).replace(/0+$/, "");
      const text = fraction === "" ? whole : `${whole}.${fraction}`;
      return text === "0" ? "0" : `${sign}${text}`;
    });
};

/** Distinct and in the order of their bytes, as the domain has them. */
export const setArbitrary = (maxLength = 6): Arbitrary<readonly string[]> =>
  fc.uniqueArray(textArbitrary(), { maxLength }).map((texts) => texts.toSorted(byBytes));

const numbers = fc.constantFrom(0, 1, -1, 0.1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e-7, 5e-324, Number.MAX_VALUE);
const keys = fc.oneof(
  fc.constantFrom("", "a.b", "$x", "$set", "$ref", "$id", "__proto__", "toString", "id", "_id", "tenantId"),
  textArbitrary(8),
);

/** `{"$ref": "a.b", "$id": …}` and `_bsontype` are refused (VALUE_KEY_RESERVED), so they are not made here. */
const object = (value: Arbitrary<Json>): Arbitrary<Json> =>
  fc
    .uniqueArray(fc.tuple(keys, value), { maxLength: 4, selector: ([key]) => key })
    .map((entries) => Object.fromEntries(entries.filter(([key]) => key !== "_bsontype")) as Json)
    .map((made) => ("$ref" in Object(made) ? { ...(made as object), $ref: "things" } : made));

/** Payloads: keys that are special somewhere, numbers at the edges, now and then nested to the limit. Not null at the root. */
export const jsonArbitrary = (): Arbitrary<Json> => {
  const { value } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom<Json>(null, true, false),
      textArbitrary(),
      numbers,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
      fc.array(tie("value"), { maxLength: 4 }),
      object(tie("value")),
    ),
  }));
  const nested = (depth: number): Json => (depth === 0 ? "bottom" : { "": nested(depth - 1) });
  return fc.oneof(
    { weight: 12, arbitrary: value.filter((json) => json !== null) },
    { weight: 1, arbitrary: fc.constant(nested(maxDepth)) },
  );
};
