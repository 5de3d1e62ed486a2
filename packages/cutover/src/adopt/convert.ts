import { decimal, fieldsOf, isChild, type Child, type Field, type Kind, type Shape } from "@stellaops/kernel";
import { BSON } from "mongodb";
import { isLong, membersOf, typeOf, type Document } from "../compare/mongo/bson.ts";
import { derivedId, uuidText } from "./derived-id.ts";
import { exactDecimal } from "./exact-decimal.ts";
import type { Refuse } from "./refusal.ts";

type Convert = (stored: unknown, path: string, refuse: Refuse) => unknown;

/** Only the type is told: the value may be a secret. */
const wrong = (stored: unknown, path: string, refuse: Refuse, wanted: string): undefined =>
  refuse(path, "VALUE_INVALID", `is stored as ${typeOf(stored)}, where ${wanted} is wanted`);

const text: Convert = (stored, path, refuse) =>
  typeof stored === "string" ? stored : wrong(stored, path, refuse, "a text");

const texts: Convert = (stored, path, refuse) =>
  Array.isArray(stored)
    ? stored.map((item: unknown, i) => text(item, `${path}.${i}`, refuse))
    : wrong(stored, path, refuse, "an array of texts");

/** A whole number of any of the three types that hold one exactly. */
export function wholeOf(stored: unknown): bigint | null {
  if (stored instanceof BSON.Int32) return BigInt(stored.value);
  if (stored instanceof BSON.Double) return Number.isSafeInteger(stored.value) ? BigInt(stored.value) : null;
  return isLong(stored) ? stored.toBigInt() : null;
}

/** What is not changed by it becomes what the kind holds; everything else is refused. The kernel's own rules come after. */
const converters = {
  id: (stored, path, refuse) => {
    if (typeof stored === "string") return stored;
    if (stored instanceof BSON.ObjectId) return derivedId(stored);
    if (stored instanceof BSON.Binary && stored.sub_type === 4 && stored.length() === 16)
      return uuidText(stored.buffer.subarray(0, 16));
    return wrong(stored, path, refuse, "a UUID or an ObjectId");
  },
  text,
  folded: text,
  choice: text,
  secret: text,
  set: texts,
  list: texts,
  flag: (stored, path, refuse) => (typeof stored === "boolean" ? stored : wrong(stored, path, refuse, "a boolean")),
  instant: (stored, path, refuse) => (stored instanceof Date ? stored : wrong(stored, path, refuse, "a date")),
  count: (stored, path, refuse) => wholeOf(stored) ?? wrong(stored, path, refuse, "a whole number of 64 bits"),
  int: (stored, path, refuse) => {
    const whole = wholeOf(stored);
    return whole === null ? wrong(stored, path, refuse, "a whole number of 32 bits") : Number(whole);
  },
  numeric: (stored, path, refuse) => {
    const exact = numberText(stored);
    return exact === null ? wrong(stored, path, refuse, "a decimal number") : decimal(exact);
  },
  json: plain,
} satisfies Record<Kind, Convert>;

/** A Double stands for the shortest decimal that reads back as the same Double. */
function numberText(stored: unknown): string | null {
  if (stored instanceof BSON.Decimal128) return exactDecimal(stored.toString());
  if (stored instanceof BSON.Double) return exactDecimal(String(stored.value));
  const whole = wholeOf(stored);
  return whole === null ? null : String(whole);
}

function plain(stored: unknown, path: string, refuse: Refuse): unknown {
  if (stored === null || typeof stored === "boolean" || typeof stored === "string") return stored;
  if (Array.isArray(stored)) return stored.map((item: unknown, i) => plain(item, `${path}.${i}`, refuse));
  if (stored instanceof BSON.Int32 || stored instanceof BSON.Double) return stored.value;
  if (isLong(stored)) {
    const number = stored.toNumber();
    if (Number.isSafeInteger(number)) return number;
    return refuse(path, "VALUE_NOT_JSON", "is a Long beyond 2^53, which no JSON number holds exactly");
  }
  const members = membersOf(stored);
  if (members === null)
    return refuse(path, "VALUE_NOT_JSON", `is stored as ${typeOf(stored)}, which JSON does not have`);
  return Object.fromEntries(
    Object.keys(members).map((name) => [name, plain(members[name], `${path}.${name}`, refuse)]),
  );
}

/** Absent and null are one value: null. */
export function fieldValue({ kind, nullable }: Field, stored: unknown, path: string, refuse: Refuse): unknown {
  if (stored !== undefined && stored !== null) return converters[kind](stored, path, refuse);
  if (nullable) return null;
  return stored === null ? refuse(path, "VALUE_NULL", "is null") : refuse(path, "VALUE_UNDEFINED", "is missing");
}

export function memberValue(member: Shape[string], stored: unknown, path: string, refuse: Refuse): unknown {
  if (!isChild(member)) return fieldValue(member, stored, path, refuse);
  if (stored === undefined) return refuse(path, "VALUE_UNDEFINED", "is missing");
  if (!Array.isArray(stored)) return wrong(stored, path, refuse, "an array");
  return stored.map((row: unknown, i) => childValue(member, row, `${path}.${i}`, refuse));
}

function childValue({ fields }: Child, row: unknown, path: string, refuse: Refuse): unknown {
  if (typeOf(row) !== "Object") return wrong(row, path, refuse, "a document");
  const document = row as Document;
  for (const name of Object.keys(document))
    if (!Object.hasOwn(fields, name)) refuse(`${path}.${name}`, "FIELD_UNKNOWN", "has no place in a child");
  return Object.fromEntries(
    fieldsOf(fields).map(({ name, field }) => [name, fieldValue(field, document[name], `${path}.${name}`, refuse)]),
  );
}
