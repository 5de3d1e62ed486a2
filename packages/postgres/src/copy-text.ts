import { childrenOf, type Aggregate, type AggregateOf } from "@stellaops/kernel";
import { tableCodec } from "./codec.ts";
import { childColumns, columnsOf, type Column } from "./texts.ts";
import { encode } from "./wire.ts";

/** One table's part of a chunk, in COPY's text format. */
export interface CopyTable {
  /** Unquoted, without the schema. */
  readonly table: string;
  readonly columns: readonly string[];
  readonly text: string;
}

type Loose = Readonly<Record<string, unknown>>;

/** Aggregates of one tenant at revision 1 as the text that COPY takes: the root's table first, then each child's. */
export function copyText<A extends Aggregate>(
  definition: A,
  tenant: string,
): (chunk: readonly AggregateOf<A>[]) => readonly CopyTable[] {
  const codec = tableCodec(definition);
  const rootOf = rowOf(columnsOf(definition));
  const root = ["tenant_id", ...columnsOf(definition).map(({ column }) => column), "revision"];
  const children = childrenOf(definition.shape).map(({ name, child }) => ({
    name,
    table: child.table,
    columns: ["tenant_id", `${definition.one}_id`, ...childColumns(child).map(({ column }) => column)],
    rowOf: rowOf(childColumns(child)),
  }));
  const start = cell(tenant);
  return (chunk) => {
    let roots = "";
    const texts = children.map(() => "");
    for (const aggregate of chunk) {
      const row = codec.encode(aggregate, 1n);
      roots += `${start}\t${rootOf(row)}1\n`;
      const owned = `${start}\t${String(row["id"])}`;
      for (const [i, { name, rowOf: of }] of children.entries())
        for (const child of row[name] as readonly Loose[]) texts[i] += `${owned}\t${of(child).slice(0, -1)}\n`;
    }
    return [
      { table: definition.table, columns: root, text: roots },
      ...children.map(({ table, columns }, i) => ({ table, columns, text: texts[i] ?? "" })),
    ];
  };
}

/** The cells of a row, each ended by a tab. */
function rowOf(columns: readonly Column[]): (row: Loose) => string {
  const cells = columns.map(({ column, type }) => ({ column, json: type === "jsonb" }));
  return (row) => {
    let text = "";
    for (const { column, json } of cells) {
      const value = row[column];
      text += value === null ? "\\N\t" : `${cell(json ? JSON.stringify(value) : (encode(value) ?? ""))}\t`;
    }
    return text;
  };
}

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Only these four mean something in the format. */
const cell = (text: string | unknown): string => {
  const plain = String(text);
  return special.test(plain) ? plain.replace(/[\\\n\r\t]/g, (found) => escapes[found] ?? found) : plain;
};
