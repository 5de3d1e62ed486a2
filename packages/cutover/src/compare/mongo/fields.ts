import { decimal, type Kind } from "@stellaops/kernel";
import { BSON } from "mongodb";
import { oids, type Image } from "../image.ts";
import { bson, endOf, nameEnd } from "./elements.ts";
import { payload } from "./payload.ts";

/** Writes one value, its type and length in front. False where what is stored is not as the kind demands; then nothing counts that was written. */
type Write = (image: Image, from: Buffer, type: number, at: number) => boolean;

const text: Write = (image, from, type, at) => {
  if (type !== bson.string) return false;
  const length = from.readInt32LE(at) - 1;
  image.int32(oids.text);
  image.int32(length);
  image.copy(from, at + 4, at + 4 + length);
  return true;
};

/** One dimension from 1, no nulls. `ordered`: each above the one before, as sets are stored. */
const texts =
  (ordered: boolean): Write =>
  (image, from, type, start) => {
    if (type !== bson.array) return false;
    const end = start + from.readInt32LE(start) - 1;
    const opened = image.open(oids.textArray);
    image.int32(1);
    image.int32(0);
    image.int32(oids.text);
    const length = image.at;
    image.int32(0);
    image.int32(1);
    let count = 0;
    let [before, beforeEnd] = [-1, -1];
    for (let at = start + 4; at < end; count += 1) {
      if (from[at] !== bson.string) return false;
      at = nameEnd(from, at + 1) + 1;
      const after = endOf(from, bson.string, at);
      image.int32(after - at - 5);
      image.copy(from, at + 4, after - 1);
      if (ordered && before >= 0 && from.compare(from, at + 4, after - 1, before, beforeEnd) >= 0) return false;
      [before, beforeEnd] = [at + 4, after - 1];
      at = after;
    }
    if (count > 0) image.bytes.writeInt32BE(count, length);
    else {
      // An array of nothing has no dimension.
      image.bytes.writeInt32BE(0, opened);
      image.at = length;
    }
    image.close(opened);
    return true;
  };

const earliest = BigInt(Date.parse("0001-01-01T00:00:00.000Z"));
const latest = BigInt(Date.parse("9999-12-31T23:59:59.999Z"));
/** PostgreSQL counts microseconds from here. */
const epoch = BigInt(Date.parse("2000-01-01T00:00:00.000Z"));
const plainDecimal = /^-?\d+(\.\d+)?$/;

const fixed = (image: Image, oid: number, length: number): void => {
  image.int32(oid);
  image.int32(length);
};

/** The kinds in which a value and its image are one to one. */
export const writers = {
  id(image, from, type, at) {
    fixed(image, oids.uuid, 16);
    return type === bson.string && uuid(image, from, at);
  },
  text,
  folded: text,
  choice: text,
  secret: text,
  flag(image, from, type, at) {
    fixed(image, oids.bool, 1);
    image.byte(from[at] ?? 0);
    return type === bson.bool;
  },
  int(image, from, type, at) {
    if (type !== bson.int) return false;
    fixed(image, oids.int4, 4);
    image.int32(from.readInt32LE(at));
    return true;
  },
  count(image, from, type, at) {
    if (type !== bson.long) return false;
    fixed(image, oids.int8, 8);
    image.int64(from.readBigInt64LE(at));
    return true;
  },
  numeric(image, from, type, at) {
    if (type !== bson.decimal) return false;
    const stored = new BSON.Decimal128(from.subarray(at, at + 16)).toString();
    if (!plainDecimal.test(stored)) return false;
    const opened = image.open(oids.text);
    image.latin1(decimal(stored));
    image.close(opened);
    return true;
  },
  instant(image, from, type, at) {
    if (type !== bson.date) return false;
    const milliseconds = from.readBigInt64LE(at);
    if (milliseconds < earliest || milliseconds > latest) return false;
    fixed(image, oids.timestamptz, 8);
    image.int64((milliseconds - epoch) * 1_000n);
    return true;
  },
  list: texts(false),
  set: texts(true),
  json(image, from, type, at) {
    const opened = image.open(oids.jsonb);
    image.byte(1);
    const written = payload(image, from, type, at);
    image.close(opened);
    return written;
  },
} satisfies Record<Kind, Write>;

/** What a null of the kind has for a type. */
export const oidOf = {
  id: oids.uuid,
  text: oids.text,
  folded: oids.text,
  choice: oids.text,
  secret: oids.text,
  flag: oids.bool,
  int: oids.int4,
  count: oids.int8,
  numeric: oids.text,
  instant: oids.timestamptz,
  list: oids.textArray,
  set: oids.textArray,
  json: oids.jsonb,
} satisfies Record<Kind, number>;

const hyphen = 0x2d;

/** Sixteen bytes from the one form that ids have. */
function uuid(image: Image, from: Buffer, at: number): boolean {
  if (from.readInt32LE(at) !== 37) return false;
  image.room(16);
  for (let i = 0, read = at + 4; i < 16; i += 1, read += 2) {
    if (i === 4 || i === 6 || i === 8 || i === 10) {
      if (from[read] !== hyphen) return false;
      read += 1;
    }
    const [high, low] = [digit(from[read] ?? 0), digit(from[read + 1] ?? 0)];
    if (high < 0 || low < 0) return false;
    image.bytes[image.at++] = (high << 4) | low;
  }
  return true;
}

const digit = (code: number): number =>
  code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
