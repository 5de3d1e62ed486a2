import { childrenOf, fieldsOf, refused } from "@stellaops/kernel";
import type { Pool } from "pg";
import type { Layout } from "../layout.ts";
import { columnType } from "./forms.ts";

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** A column that the definition does not know, or knows with another type. */
export interface ColumnFault extends Column {
  readonly class: "undeclared" | "unreadable";
  readonly expected: string | null;
}

const columnsText = `select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = any($2) and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
order by c.relname collate "C", a.attname collate "C"`;

/**
 * The tables of an aggregate as they are against what the definition says. Generated columns follow from the others and are let be.
 * @throws `COMPARE_COLUMN_MISSING` (refused)
 */
export async function columnFaults(pool: Pool, layout: Layout): Promise<readonly ColumnFault[]> {
  const expected = expectedColumns(layout);
  const { rows } = await pool.query<Column>(columnsText, [layout.definition.module, [...expected.keys()]]);
  for (const [table, columns] of expected)
    for (const column of columns.keys())
      if (!rows.some((row) => row.table === table && row.column === column))
        throw refused(
          "COMPARE_COLUMN_MISSING",
          `${layout.definition.module}.${table} has no column ${column}; apply the module's migrations first`,
          { details: { table, column } },
        );
  return rows.flatMap((row): ColumnFault[] => {
    const type = expected.get(row.table)?.get(row.column);
    if (type === undefined) return [{ ...row, class: "undeclared", expected: null }];
    return type === row.type ? [] : [{ ...row, class: "unreadable", expected: type }];
  });
}

/** Type by column by table. */
function expectedColumns({ definition, places }: Layout): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const root = places.flatMap(({ column, member }): [string, string][] =>
    "children" in member ? [] : [[column, columnType(member.kind)]],
  );
  const children = childrenOf(definition.shape).map(({ child }): [string, Map<string, string>] => [
    child.table,
    new Map([
      ["tenant_id", "text"],
      [`${definition.one}_id`, "uuid"],
      ...(child.children === "list" ? [["ordinal", "integer"] as const] : []),
      ...fieldsOf(child.fields).map(({ column, field }) => [column, columnType(field.kind)] as const),
    ]),
  ]);
  return new Map([[definition.table, new Map(root)], ...children]);
}
