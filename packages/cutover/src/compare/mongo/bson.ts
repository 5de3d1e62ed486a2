import { BSON } from "mongodb";
import { membersText } from "../json-text.ts";

/** Every value as the type it is stored under; Int32, Double, Long and Decimal128 stay apart. */
const exact = { promoteValues: false, promoteBuffers: false, promoteLongs: false, bsonRegExp: true } as const;

export interface Document {
  readonly [field: string]: unknown;
}

/** `valid` is false when texts in it are no UTF-8: they are read with U+FFFD then. */
export function readDocument(bytes: Uint8Array): { readonly document: Document; readonly valid: boolean } {
  try {
    return { document: BSON.deserialize(bytes, exact), valid: true };
  } catch {
    return { document: BSON.deserialize(bytes, { ...exact, validation: { utf8: false } }), valid: false };
  }
}

/** The stored type of a value, in the words of BSON. A Timestamp is no Long here, though it inherits from it. */
export function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value !== "object")
    return typeof value === "string" ? "String" : typeof value === "boolean" ? "Boolean" : typeof value;
  if (Array.isArray(value)) return "Array";
  if (value instanceof Date) return "Date";
  // A payload may have a key of that name; the driver's types have it from their class.
  return "_bsontype" in value && !Object.hasOwn(value, "_bsontype") ? String(value._bsontype) : "Object";
}

/** A value that its place does not allow, as JSON that names its type. */
export const strangeText = (value: unknown): string =>
  value === undefined ? '{"$bson":"absent"}' : `{"$bson":"${typeOf(value)}","value":${shownText(value)}}`;

function shownText(value: unknown): string {
  if (value instanceof Date) return JSON.stringify(Number.isNaN(value.getTime()) ? "invalid" : value.toISOString());
  if (typeof value !== "object" || value === null || membersOf(value) !== null || Array.isArray(value))
    return plainText(value, () => {});
  return JSON.stringify(BSON.EJSON.stringify(value, { relaxed: false }));
}

/** A payload as the canonical JSON it stands for. What JSON does not have stays in there, marked with its type, and `refuse` is told. */
export function plainText(value: unknown, refuse: () => void): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => plainText(item, refuse)).join(",")}]`;
  const number = numberOf(value);
  if (number !== null) return String(number);
  const members = membersOf(value);
  if (members !== null) return membersText(Object.keys(members), (name) => plainText(members[name], refuse));
  refuse();
  return strangeText(value);
}

export const isLong = (value: unknown): value is BSON.Long => typeOf(value) === "Long";

/** Numbers that JSON gives back as they are; -0, infinities and wide Longs are none. */
function numberOf(value: unknown): number | null {
  if (value instanceof BSON.Int32) return value.value;
  if (value instanceof BSON.Double)
    return Number.isFinite(value.value) && !Object.is(value.value, -0) ? value.value : null;
  if (!isLong(value)) return null;
  const wide = value.toNumber();
  return Number.isSafeInteger(wide) ? wide : null;
}

/** The driver makes a DBRef of every object with `$ref` and `$id`; stored it is an object like another. */
export function membersOf(value: unknown): Document | null {
  if (value instanceof BSON.DBRef) {
    const { collection, oid, db, fields } = value as { collection: string; oid: unknown; db?: string; fields: object };
    return { $ref: collection, $id: oid, ...(db === undefined ? {} : { $db: db }), ...fields };
  }
  return typeOf(value) === "Object" ? (value as Document) : null;
}
