import {
  dataError,
  decimal,
  derivedOf,
  isChild,
  members,
  type Aggregate,
  type AggregateOf,
  type Child,
  type Field,
  type Json,
  type Kind,
  type Shape,
  type Stored,
} from "@stellaops/kernel";
import { DBRef, Decimal128 } from "mongodb";

interface Codec {
  /** Whether a stored value is of the kind at all: another program may have written the document. */
  holds(stored: unknown): boolean;
  write(value: unknown): unknown;
  read(stored: unknown): unknown;
}
const same = (value: unknown): unknown => value;
const isText = (value: unknown): boolean => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isWhole = (value: unknown): boolean => typeof value === "bigint" || Number.isInteger(value);

const text: Codec = { holds: isText, write: same, read: same };
const texts: Codec = { holds: isTexts, write: same, read: same };

const codecs = {
  id: text,
  text,
  folded: text,
  choice: text,
  secret: text,
  set: texts,
  list: texts,
  flag: { holds: (stored) => typeof stored === "boolean", write: same, read: same },
  int: { holds: Number.isInteger, write: same, read: same },
  instant: { holds: (stored) => stored instanceof Date, write: same, read: same },
  // The driver turns bigint into Long and, with useBigInt64, back.
  count: { holds: isWhole, write: same, read: (stored) => BigInt(String(stored)) },
  numeric: {
    holds: (stored) => stored instanceof Decimal128 && !/[EN]/i.test(stored.toString()),
    write: (value) => Decimal128.fromString(String(value)),
    read: (stored) => decimal(String(stored)),
  },
  json: { holds: (stored) => stored !== undefined, write: same, read: plainJson },
} satisfies Record<Kind, Codec>;

/** The driver reads `{"$ref": …, "$id": …}` back as a DBRef, and whole numbers kept as Long as bigint: payloads are given back as written. */
function plainJson(value: unknown): Json {
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value !== "object") return value as Json;
  if (Array.isArray(value)) return value.map(plainJson);
  if (value instanceof DBRef) {
    const { collection, oid, db, fields } = value as DBRef & { readonly oid: unknown };
    return plainJson({ $ref: collection, $id: oid, ...(db === undefined ? {} : { $db: db }), ...fields });
  }
  for (const [key, item] of Object.entries(value)) {
    const plainItem = plainJson(item);
    if (plainItem !== item) (value as Record<string, unknown>)[key] = plainItem;
  }
  return value as Json;
}

export interface StoredDocument {
  /** Opaque: identity is (tenantId, id), so that documents which another program made keep theirs. */
  readonly _id?: string;
  readonly tenantId: string;
  readonly id: string;
  readonly revision: bigint;
  readonly [field: string]: unknown;
}

export interface DocumentCodec<A extends Aggregate> {
  encode(aggregate: AggregateOf<A>, tenant: string, revision: bigint): StoredDocument;
  /** @throws `DOCUMENT_UNREADABLE` naming a field that the definition lacks or that the document lacks */
  decode(document: StoredDocument): Stored<A>;
}

type Loose = Readonly<Record<string, unknown>>;

export function documentCodec<A extends Aggregate>(definition: A): DocumentCodec<A> {
  const { shape } = definition;
  const write = writer(shape);
  const read = reader(shape);
  const derived = derivedOf(definition);
  const known = new Set([...Object.keys(shape), ...derived.map(({ name }) => name), "_id", "tenantId", "revision"]);
  const required = members(shape).map(([name]) => name);
  return {
    encode(aggregate, tenant, revision) {
      const document = write(aggregate);
      for (const { name, field, from } of derived) document[name] = codecs[field.kind].write(from(aggregate as never));
      return { ...document, id: String(document["id"]), tenantId: tenant, revision };
    },
    decode(document) {
      for (const name in document)
        if (!known.has(name)) throw unreadable(definition, document, name, "is not described");
      for (const name of required) if (!(name in document)) throw unreadable(definition, document, name, "is missing");
      if (!isWhole(document.revision)) throw unreadable(definition, document, "revision", "is no whole number");
      const value = read(document, (path, kind) => unreadable(definition, document, path, `holds no ${kind}`));
      value["revision"] = BigInt(String(document.revision));
      value["tenantId"] = document.tenantId;
      return value as Stored<A>;
    },
  };
}

const unreadable = ({ table, one }: Aggregate, { id }: StoredDocument, path: string, reason: string): Error =>
  dataError(
    "DOCUMENT_UNREADABLE",
    `${one} ${id}: field ${path} of its document in ${table} ${reason}; bring the document into the module's shape`,
    { details: { table, id, path } },
  );

/** A field, or the rows of a child, as a document has it. */
export const fieldValue = (member: Field | Child, value: unknown): unknown =>
  isChild(member)
    ? (value as readonly Loose[]).map((row) => rowValue(member, row))
    : value === null
      ? null
      : codecs[member.kind].write(value);

/** Those fields of a child's row that are given. */
export const rowValue = ({ fields }: Child, row: Loose): Loose =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      fields[name] === undefined ? value : fieldValue(fields[name], value),
    ]),
  );

function writer(shape: Shape): (value: Loose) => Record<string, unknown> {
  const steps = members(shape).map(([name, member]) => {
    if (!isChild(member)) return { name, convert: codecs[member.kind].write };
    const convert = writer(member.fields);
    return { name, convert: (rows: unknown) => (rows as readonly Loose[]).map(convert) };
  });
  return (from) => {
    const to: Record<string, unknown> = {};
    for (const { name, convert } of steps) {
      const value = from[name];
      to[name] = value === null ? null : convert(value);
    }
    return to;
  };
}

/** Makes the error for what a path holds instead of a kind. */
type Misfit = (path: string, kind: string) => Error;
type Read = (value: Loose, misfit: Misfit) => Record<string, unknown>;

function reader(shape: Shape): Read {
  const steps = members(shape).map(([name, member]) =>
    isChild(member) ? childReader(name, member) : fieldReader(name, member),
  );
  return (from, misfit) => {
    const to: Record<string, unknown> = {};
    for (const { name, convert } of steps) to[name] = convert(from[name], misfit);
    return to;
  };
}

function fieldReader(name: string, { kind, nullable }: Field) {
  const { holds, read } = codecs[kind];
  return {
    name,
    convert(value: unknown, misfit: Misfit): unknown {
      if (value === null && nullable) return null;
      if (value === null || !holds(value)) throw misfit(name, kind);
      return read(value);
    },
  };
}

function childReader(name: string, { fields }: Child) {
  const read = reader(fields);
  return {
    name,
    convert(rows: unknown, misfit: Misfit): unknown {
      if (!Array.isArray(rows)) throw misfit(name, "array");
      return rows.map((row: unknown, i) => {
        if (typeof row !== "object" || row === null) throw misfit(`${name}.${i}`, "document");
        return read(row as Loose, (path, kind) => misfit(`${name}.${i}.${path}`, kind));
      });
    },
  };
}
