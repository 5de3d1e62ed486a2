import { decimal, isId, type Kind } from "@stellaops/kernel";
import { BSON } from "mongodb";
import type { ChildPlace, FieldPlace, Layout } from "../layout.ts";
import { isOrdered } from "../order.ts";
import { recordOf, type Issue, type Note, type RawRecord } from "../record.ts";
import { isLong, plainText, readDocument, strangeText, typeOf, type Document } from "./bson.ts";

/** The canonical JSON of a stored value, or null where its BSON type is not the kind's. */
type Form = (stored: unknown, note: Note, path: string) => string | null;

const text: Form = (stored) => (typeof stored === "string" ? JSON.stringify(stored) : null);
const texts: Form = (stored) =>
  Array.isArray(stored) && stored.every((item) => typeof item === "string") ? JSON.stringify(stored) : null;

const earliest = Date.parse("0001-01-01T00:00:00.000Z");
const latest = Date.parse("9999-12-31T23:59:59.999Z");

const forms = {
  id: (stored, note, path) => {
    if (typeof stored === "string" && !isId(stored)) note(path, "unreadable");
    return text(stored, note, path);
  },
  text,
  folded: text,
  choice: text,
  secret: text,
  flag: (stored) => (typeof stored === "boolean" ? String(stored) : null),
  int: (stored) => (stored instanceof BSON.Int32 ? String(stored.value) : null),
  count: (stored) => (isLong(stored) ? `"${stored.toString()}"` : null),
  // With an exponent, or as NaN, it would reach callers in a form that is no decimal.
  numeric: (stored) =>
    stored instanceof BSON.Decimal128 && /^-?\d+(\.\d+)?$/.test(String(stored)) ? `"${decimal(String(stored))}"` : null,
  instant: (stored) =>
    stored instanceof Date && stored.getTime() >= earliest && stored.getTime() <= latest
      ? `"${stored.toISOString()}"`
      : null,
  list: texts,
  set: (stored, note, path) => {
    const canonical = texts(stored, note, path);
    if (canonical !== null && !isOrdered(stored)) note(path, "differing");
    return canonical;
  },
  json: (stored, note, path) => plainText(stored, () => note(path, "unreadable")),
} satisfies Record<Kind, Form>;

function fieldText({ member: { kind } }: FieldPlace, stored: unknown, note: Note, path: string): string {
  if (stored === null) return "null";
  const canonical = stored === undefined ? null : forms[kind](stored, note, path);
  if (canonical !== null) return canonical;
  note(path, "unreadable");
  return strangeText(stored);
}

/** The bytes of a document as a record. */
export function mongoRecord(layout: Layout, bytes: Uint8Array): { document: Document; record: RawRecord } {
  const { document, valid } = readDocument(bytes);
  const issues: Issue[] = [];
  const note: Note = (path, kind) => {
    if (!issues.some((issue) => issue.path === path)) issues.push({ path, class: kind });
  };
  if (!valid) note("", "unreadable");
  const canonical = layout.places.map((place) => {
    const stored = document[place.name];
    return "fields" in place ? childrenText(place, stored, note) : fieldText(place, stored, note, place.name);
  });
  const undeclared = new Map<string, string>();
  for (const name of Object.keys(document)) {
    if (name === "_id" || layout.at.has(name)) continue;
    note(name, "undeclared");
    undeclared.set(name, strangeText(document[name]));
  }
  return { document, record: recordOf(layout, canonical, issues, undeclared) };
}

function childrenText(place: ChildPlace, stored: unknown, note: Note): string {
  if (Array.isArray(stored))
    return `[${stored.map((row: unknown, i) => childText(place, row, note, `${place.name}.${i}`)).join(",")}]`;
  note(place.name, "unreadable");
  return strangeText(stored);
}

function childText({ fields }: ChildPlace, row: unknown, note: Note, path: string): string {
  if (typeOf(row) !== "Object") {
    note(path, "unreadable");
    return strangeText(row);
  }
  const document = row as Document;
  const members = fields.map((field) => {
    const { name } = field;
    return `"${name}":${fieldText(field, document[name], note, `${path}.${name}`)}`;
  });
  for (const name of Object.keys(document)) {
    if (fields.some((field) => field.name === name)) continue;
    note(`${path}.${name}`, "undeclared");
    members.push(`${JSON.stringify(name)}:${strangeText(document[name])}`);
  }
  return `{${members.join(",")}}`;
}
