import {
  childrenOf,
  derivedOf,
  fieldsOf,
  isChild,
  members,
  type Aggregate,
  type AggregateOf,
  type Kind,
  type Shape,
  type Stored,
} from "@stellaops/kernel";

/** How a kind travels: `sql` its type, `write` to JSON for json_to_recordset, `read` from a column or from JSON. */
interface Codec {
  readonly sql: string;
  /** Inside JSON it is text, or JSON.parse would round it. */
  readonly asText?: true;
  write(value: unknown): unknown;
  read(stored: unknown): unknown;
}
const same = (value: unknown): unknown => value;
const plain = (sql: string): Codec => ({ sql, write: same, read: same });

const codecs = {
  id: plain("uuid"),
  text: plain("text"),
  folded: plain("text"),
  choice: plain("text"),
  secret: plain("text"),
  flag: plain("boolean"),
  int: plain("integer"),
  set: plain("text[]"),
  list: plain("text[]"),
  json: plain("jsonb"),
  // numeric(3,1) gives back 7.0: the domain has one form of a decimal.
  numeric: { sql: "numeric", asText: true, write: same, read: (stored) => trimmed(String(stored)) },
  count: { sql: "bigint", asText: true, write: String, read: (stored) => BigInt(String(stored)) },
  instant: {
    sql: "timestamptz",
    write: (value) => (value as Date).toISOString(),
    read: (stored) => (stored instanceof Date ? stored : new Date(String(stored))),
  },
} satisfies Record<Kind, Codec>;
export const codecOf = (kind: Kind): Codec => codecs[kind];

const trimmed = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

type Loose = Readonly<Record<string, unknown>>;
type Convert = (value: Loose) => Record<string, unknown>;

export interface TableCodec<A extends Aggregate> {
  /** One aggregate as an element of the JSON parameter; `revision` is the one to be stored. */
  encode(aggregate: AggregateOf<A>, revision: bigint): Loose;
  decode(row: Loose): Stored<A>;
}

export function tableCodec<A extends Aggregate>(definition: A): TableCodec<A> {
  const encode = writer(definition.shape);
  const decode = reader(definition.shape);
  const derived = derivedOf(definition);
  return {
    encode(aggregate, revision) {
      const row = encode(aggregate);
      for (const { column, field, from } of derived) row[column] = codecOf(field.kind).write(from(aggregate as never));
      row["revision"] = String(revision);
      return row;
    },
    decode(row) {
      const value = decode(row);
      value["revision"] = BigInt(String(row["revision"]));
      value["tenantId"] = row["tenant_id"];
      return value as Stored<A>;
    },
  };
}

function writer(shape: Shape): Convert {
  const fields = fieldsOf(shape).map(({ name, column, field }) => ({ name, column, write: codecOf(field.kind).write }));
  const children = childrenOf(shape).map(({ name, child }) => ({ name, write: writer(child.fields) }));
  return (from) => {
    const to: Record<string, unknown> = {};
    for (const { name, column, write } of fields) {
      const value = from[name];
      to[column] = value === null ? null : write(value);
    }
    for (const { name, write } of children)
      to[name] = (from[name] as readonly Loose[]).map((child, ordinal) => ({ ordinal, ...write(child) }));
    return to;
  };
}

function reader(shape: Shape): Convert {
  const steps = members(shape).map(([name, member]) => {
    if (!isChild(member)) return { name, read: codecOf(member.kind).read };
    const read = reader(member.fields);
    return { name, read: (rows: unknown) => (rows as readonly Loose[]).map(read) };
  });
  const columns = fieldsOf(shape);
  const columnOf = new Map(columns.map(({ name, column }) => [name, column]));
  const from = steps.map(({ name, read }) => ({ name, read, column: columnOf.get(name) ?? name }));
  return (row) => {
    const to: Record<string, unknown> = {};
    for (const { name, column, read } of from) {
      const value = row[column];
      to[name] = value === null ? null : read(value);
    }
    return to;
  };
}
