import { childrenOf, type Aggregate } from "@stellaops/kernel";
import { childColumns, columnsOf, quoted, type Column } from "./texts.ts";
import { encode } from "./wire.ts";

/** One table's part of a chunk: the statement, and the rows in COPY's text format. */
export interface Copy {
  readonly text: string;
  readonly rows: string;
}

type Row = Readonly<Record<string, unknown>>;

/** Gathers aggregates of one tenant, as the table codec encodes them, as the rows that COPY takes: the root's table first, then the children's. */
export class CopyRows {
  readonly #tables: readonly CopyTable[];
  readonly #rows: string[];
  readonly #tenant: string;

  constructor(definition: Aggregate, tenant: string) {
    this.#tenant = cell(tenant);
    this.#tables = tablesOf(definition);
    this.#rows = this.#tables.map(() => "");
  }

  /** Gives the length of what was added. */
  add(root: Row): number {
    const owner = `${this.#tenant}\t${String(root["id"])}\t`;
    let length = 0;
    for (const [i, { child, cells }] of this.#tables.entries()) {
      let rows = "";
      if (child === null) rows = `${this.#tenant}\t${line(cells, root)}\n`;
      else for (const row of root[child] as readonly Row[]) rows += `${owner}${line(cells, row)}\n`;
      this.#rows[i] += rows;
      length += rows.length;
    }
    return length;
  }

  /** What was added since the last time; tables without rows are left out. */
  take(): readonly Copy[] {
    const copies = this.#tables.map(({ text }, i) => ({ text, rows: this.#rows[i] ?? "" }));
    this.#rows.fill("");
    return copies.filter(({ rows }) => rows !== "");
  }
}

interface CopyTable {
  readonly text: string;
  /** Where the rows stand in the root; null for the root itself. */
  readonly child: string | null;
  readonly cells: readonly Column[];
}

function tablesOf(definition: Aggregate): readonly CopyTable[] {
  const { module, table, one, shape } = definition;
  const made = (name: string, child: string | null, cells: readonly Column[]): CopyTable => ({
    text: `copy "${module}"."${name}" (tenant_id, ${child === null ? "" : `"${one}_id", `}${quoted(cells)}) from stdin`,
    child,
    cells,
  });
  return [
    made(table, null, [...columnsOf(definition), { column: "revision", type: "bigint" }]),
    ...childrenOf(shape).map(({ name, child }) => made(child.table, name, childColumns(child))),
  ];
}

function line(cells: readonly Column[], row: Row): string {
  let text = "";
  for (const [i, { column, type }] of cells.entries()) {
    const value = row[column];
    if (i > 0) text += "\t";
    text += value === null ? "\\N" : cell(type === "jsonb" ? JSON.stringify(value) : (encode(value) ?? ""));
  }
  return text;
}

const special = /[\\\n\r\t]/;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
const cell = (text: string): string =>
  special.test(text) ? text.replace(/[\\\n\r\t]/g, (found) => escapes[found] ?? found) : text;
