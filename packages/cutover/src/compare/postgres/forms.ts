import { decimal, type Field, type Json, type Kind } from "@stellaops/kernel";
import { jsonText } from "../json-text.ts";
import type { ChildPlace, FieldPlace, Layout } from "../layout.ts";
import { isOrdered } from "../order.ts";
import { recordOf, type Issue, type Note, type RawRecord } from "../record.ts";
import { inexactNumber } from "./numbers.ts";

/** How a kind is read raw: `sql` makes the text that holds its exact value, `form` the canonical JSON of that text. */
interface Form {
  readonly type: string;
  sql(column: string): string;
  form(stored: string, note: Note, path: string): string;
}

const asText = (column: string): string => `${column}::text`;
const quoted = (stored: string): string => JSON.stringify(stored);
const text: Form = { type: "text", sql: (column) => column, form: quoted };
const texts: Form = {
  type: "text[]",
  sql: (column) => `to_json(${column})::text`,
  form: (stored) => JSON.stringify(JSON.parse(stored)),
};

const forms = {
  id: { type: "uuid", sql: asText, form: quoted },
  text,
  folded: text,
  choice: text,
  secret: text,
  flag: { type: "boolean", sql: asText, form: (stored) => stored },
  int: { type: "integer", sql: asText, form: (stored) => stored },
  count: { type: "bigint", sql: asText, form: quoted },
  numeric: { type: "numeric", sql: asText, form: (stored) => quoted(decimal(stored)) },
  // JSON writes a timestamp in one form, whatever DateStyle and TimeZone say, and with every digit.
  instant: {
    type: "timestamp with time zone",
    sql: (column) => `(to_json(${column} at time zone 'UTC') #>> '{}')`,
    form: (stored) => quoted(instantText(stored)),
  },
  list: texts,
  set: {
    ...texts,
    form(stored, note, path) {
      const values: unknown = JSON.parse(stored);
      if (!isOrdered(values)) note(path, "differing");
      return JSON.stringify(values);
    },
  },
  json: {
    type: "jsonb",
    sql: asText,
    form(stored, note, path) {
      if (!inexactNumber(stored)) return jsonText(JSON.parse(stored) as Json);
      note(path, "unreadable");
      return quoted(stored);
    },
  },
} satisfies Record<Kind, Form>;

/** The type that a column of this kind has, as the catalogue names it. */
export const columnType = (kind: Kind): string => forms[kind].type;

const iso = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?$/;

/** Milliseconds as everywhere, microseconds where there are any; what is no instant of four-digit years stays as it is. */
function instantText(stored: string): string {
  const [, seconds, fraction = ""] = iso.exec(stored) ?? [];
  return seconds === undefined ? stored : `${seconds}.${fraction.padEnd(3, "0")}Z`;
}

/** What stands for a value in a row's image: zeros at the end of a decimal mean nothing, all else is as it is stored. */
export const imageSql = ({ kind }: Field, column: string): string =>
  kind === "numeric" ? `trim_scale(${column}::numeric)::text` : column;

export const fieldSql = ({ kind }: Field, column: string): string => forms[kind].sql(column);

/** A row of texts, in the order of the layout, as a record. */
export function postgresRecord(layout: Layout, row: readonly (string | null)[]): RawRecord {
  const issues: Issue[] = [];
  const note: Note = (path, kind) => issues.push({ path, class: kind });
  const canonical = layout.places.map((place, i) => {
    const stored = row[i] ?? null;
    return "fields" in place ? childrenText(place, stored, note) : fieldText(place, stored, note, place.name);
  });
  return recordOf(layout, canonical, issues);
}

const fieldText = ({ member }: FieldPlace, stored: string | null, note: Note, path: string): string =>
  stored === null ? "null" : forms[member.kind].form(stored, note, path);

type ChildRow = readonly [ordinal: number | null, ...columns: (string | null)[]];

function childrenText({ name, fields }: ChildPlace, stored: string | null, note: Note): string {
  if (stored === null) return "[]";
  const rows = (JSON.parse(stored) as readonly ChildRow[]).map(([ordinal, ...columns], i) => {
    const members = fields.map((field, at) => {
      const path = `${name}.${i}.${field.name}`;
      return `"${field.name}":${fieldText(field, columns[at] ?? null, note, path)}`;
    });
    // Ordinals count from 0; a gap is no part of the aggregate, yet it is shown.
    if (ordinal !== null && ordinal !== i) members.push(`"ordinal":${ordinal}`);
    return `{${members.join(",")}}`;
  });
  return `[${rows.join(",")}]`;
}
