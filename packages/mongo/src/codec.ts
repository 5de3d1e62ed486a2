import {
  dataError,
  derivedOf,
  isChild,
  members,
  type Aggregate,
  type AggregateOf,
  type Json,
  type Kind,
  type Shape,
  type Stored,
} from "@stellaops/kernel";
import { DBRef, Decimal128 } from "mongodb";

interface Codec {
  write(value: unknown): unknown;
  read(stored: unknown): unknown;
}
const same = (value: unknown): unknown => value;
const plain: Codec = { write: same, read: same };

const codecs = {
  id: plain,
  text: plain,
  folded: plain,
  choice: plain,
  secret: plain,
  flag: plain,
  int: plain,
  set: plain,
  list: plain,
  instant: plain,
  // The driver turns bigint into Long and, with useBigInt64, back.
  count: { write: same, read: (stored) => BigInt(String(stored)) },
  numeric: { write: (value) => Decimal128.fromString(String(value)), read: String },
  json: { write: same, read: plainJson },
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
  const write = walk(shape, "write");
  const read = walk(shape, "read");
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
      const value = read(document);
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

function walk(shape: Shape, way: "read" | "write"): (value: Loose) => Record<string, unknown> {
  const steps = members(shape).map(([name, member]) => {
    if (!isChild(member)) return { name, convert: codecs[member.kind][way] };
    const convert = walk(member.fields, way);
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
