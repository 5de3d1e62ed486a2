import { canonical, derivedOf, type Field, type Json } from "@stellaops/kernel";
import { BSON } from "mongodb";
import type { FieldPlace, Layout } from "../layout.ts";
import { bson, endOf, Members, nameEnd } from "./elements.ts";

/** Whether the derived fields of a document are what its other fields give. */
export type DerivedHold = (from: Buffer, members: Members) => boolean;

/** Reads only those members that a derivation asks for. */
export function derivedHold(layout: Layout): DerivedHold {
  const derived = derivedOf(layout.definition);
  if (derived.length === 0) return () => true;
  let from: Buffer = Buffer.alloc(0);
  let members = new Members([]);
  const aggregate = {};
  layout.places.forEach((place, at) => {
    const read =
      "fields" in place
        ? childrenReader(place.fields)
        : (type: number, start: number) => valueOf(place.member, from, type, start);
    Object.defineProperty(aggregate, place.name, {
      enumerable: true,
      get: () => read(members.types[at] ?? 0, members.starts[at] ?? 0, from),
    });
  });
  return (bytes, found) => {
    [from, members] = [bytes, found];
    return derived.every(({ name, field, from: make }) => {
      const at = layout.at.get(name) ?? -1;
      const stored = valueOf(field, bytes, found.types[at] ?? 0, found.starts[at] ?? 0);
      const made = make(aggregate as never);
      // Nearly always they are the same as they stand, and their canonical forms need not be made.
      return (
        alike(made, stored) || JSON.stringify(form(name, field, made)) === JSON.stringify(form(name, field, stored))
      );
    });
  };
}

const alike = (left: unknown, right: unknown): boolean =>
  Array.isArray(left) && Array.isArray(right)
    ? left.length === right.length && left.every((item, i) => item === right[i])
    : left === right;

const form = (name: string, field: Field, value: unknown): Json =>
  canonical({ [name]: field }, { [name]: value })[name] ?? null;

function childrenReader(fields: readonly FieldPlace[]) {
  const members = new Members(fields.map(({ name }) => name));
  return (_: number, start: number, from: Buffer): readonly object[] => {
    const rows: object[] = [];
    const end = start + from.readInt32LE(start) - 1;
    for (let at = start + 4; at < end;) {
      at = nameEnd(from, at + 1) + 1;
      members.read(from, at);
      rows.push(
        Object.fromEntries(
          fields.map(({ name, member }, i) => [
            name,
            valueOf(member, from, members.types[i] ?? 0, members.starts[i] ?? 0),
          ]),
        ),
      );
      at = endOf(from, bson.object, at);
    }
    return rows;
  };
}

/** What the domain has of a stored value that is as its kind demands. */
function valueOf({ kind }: Field, from: Buffer, type: number, at: number): unknown {
  if (type === bson.null) return null;
  switch (kind) {
    case "flag":
      return from[at] === 1;
    case "int":
      return from.readInt32LE(at);
    case "count":
      return from.readBigInt64LE(at);
    case "instant":
      return new Date(Number(from.readBigInt64LE(at)));
    case "numeric":
      return new BSON.Decimal128(from.subarray(at, at + 16)).toString();
    case "list":
    case "set":
      return textsOf(from, at);
    case "json":
      return BSON.deserialize(wrapped(from, type, at))["value"];
    default:
      return from.toString("utf8", at + 4, at + 3 + from.readInt32LE(at));
  }
}

function textsOf(from: Buffer, start: number): readonly string[] {
  const texts: string[] = [];
  const end = start + from.readInt32LE(start) - 1;
  for (let at = start + 4; at < end;) {
    at = nameEnd(from, at + 1) + 1;
    const after = endOf(from, bson.string, at);
    texts.push(from.toString("utf8", at + 4, after - 1));
    at = after;
  }
  return texts;
}

/** A value as a document of its own, which is what the driver reads. */
function wrapped(from: Buffer, type: number, at: number): Uint8Array {
  const value = from.subarray(at, endOf(from, type, at));
  const size = Buffer.alloc(4);
  size.writeInt32LE(value.length + 12);
  return Buffer.concat([size, Buffer.from([type]), Buffer.from("value\0"), value, Buffer.from([0])]);
}
