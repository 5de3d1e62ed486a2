import type { Image } from "../image.ts";
import { bson, endOf, nameEnd } from "./elements.ts";

interface Entry {
  readonly type: number;
  readonly name: number;
  /** Of the name; the value begins behind it. */
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const short: Readonly<Record<number, string>> = { 8: "\\b", 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };

/**
 * Writes a payload as the text that jsonb has of it: keys by length and then by bytes, decimals without exponent. False when it holds
 * what JSON does not have.
 */
export function payload(image: Image, from: Buffer, type: number, at: number): boolean {
  switch (type) {
    case bson.string:
      text(image, from, at + 4, at + 3 + from.readInt32LE(at));
      return true;
    case bson.null:
      image.latin1("null");
      return true;
    case bson.bool:
      image.latin1(from[at] === 1 ? "true" : "false");
      return true;
    case bson.int:
      image.latin1(String(from.readInt32LE(at)));
      return true;
    case bson.long: {
      const wide = Number(from.readBigInt64LE(at));
      if (!Number.isSafeInteger(wide)) return false;
      image.latin1(String(wide));
      return true;
    }
    case bson.double: {
      const value = from.readDoubleLE(at);
      if (!Number.isFinite(value) || Object.is(value, -0)) return false;
      image.latin1(decimalText(value));
      return true;
    }
    case bson.array:
      return list(image, from, at);
    case bson.object:
      return members(image, from, at);
    default:
      return false;
  }
}

function list(image: Image, from: Buffer, start: number): boolean {
  const end = start + from.readInt32LE(start) - 1;
  image.byte(0x5b);
  for (let at = start + 4; at < end;) {
    if (at > start + 4) image.latin1(", ");
    const type = from[at] ?? 0;
    at = nameEnd(from, at + 1) + 1;
    if (!payload(image, from, type, at)) return false;
    at = endOf(from, type, at);
  }
  image.byte(0x5d);
  return true;
}

function members(image: Image, from: Buffer, start: number): boolean {
  const end = start + from.readInt32LE(start) - 1;
  const entries: Entry[] = [];
  for (let at = start + 4; at < end;) {
    const type = from[at] ?? 0;
    const behind = nameEnd(from, at + 1);
    entries.push({ type, name: at + 1, end: behind });
    at = endOf(from, type, behind + 1);
  }
  if (entries.length > 1) entries.sort((a, b) => byLength(from, a, b));
  image.byte(0x7b);
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i];
    if (entry === undefined) break;
    if (i > 0) image.latin1(", ");
    text(image, from, entry.name, entry.end);
    image.latin1(": ");
    if (!payload(image, from, entry.type, entry.end + 1)) return false;
  }
  image.byte(0x7d);
  return true;
}

function byLength(from: Buffer, a: Entry, b: Entry): number {
  const length = a.end - a.name;
  const longer = length - (b.end - b.name);
  if (longer !== 0) return longer;
  for (let i = 0; i < length; i += 1) {
    const order = (from[a.name + i] ?? 0) - (from[b.name + i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** Bytes are copied as they are: no text is made of them, so that what is no UTF-8 stays apart from all that is. */
function text(image: Image, from: Buffer, start: number, end: number): void {
  image.room(6 * (end - start) + 2);
  const { bytes } = image;
  let { at } = image;
  bytes[at++] = quote;
  for (let i = start; i < end; i += 1) {
    const byte = from[i] ?? 0;
    if (byte >= 0x20) {
      if (byte === quote || byte === backslash) bytes[at++] = backslash;
      bytes[at++] = byte;
    } else at += bytes.write(short[byte] ?? `\\u${byte.toString(16).padStart(4, "0")}`, at, "latin1");
  }
  bytes[at++] = quote;
  image.at = at;
}

/** A number as `numeric` writes it. */
function decimalText(value: number): string {
  const [mantissa = "", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d)(?:\.(\d+))?$/.exec(mantissa) ?? [];
  const shift = Number(exponent);
  const digits = `${whole}${fraction}`;
  return shift > 0 ? `${sign}${digits.padEnd(shift + 1, "0")}` : `${sign}0.${"0".repeat(-shift - 1)}${digits}`;
}
