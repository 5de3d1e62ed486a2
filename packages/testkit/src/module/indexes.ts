import { childrenOf, indexName, snake, type Aggregate, type Condition } from "@stellaops/kernel";
import type { ClientBase } from "pg";

/** An index, or what a constraint has one for. */
export interface Index {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly string[];
  /** Of a partial one. */
  readonly predicate: string | null;
}

/** Those of these tables, of keys too. */
export async function postgresIndexes(
  client: ClientBase,
  schema: string,
  tables: readonly string[],
): Promise<readonly Index[]> {
  const { rows } = await client.query<Index>(
    `select i.relname as name, x.indisunique as "unique", pg_get_expr(x.indpred, x.indrelid) as predicate,
       array(select trim('"' from pg_get_indexdef(x.indexrelid, place, true)) from generate_series(1, x.indnkeyatts) place order by place) as columns
     from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
     where t.relnamespace = $1::regnamespace and t.relname = any($2) order by i.relname collate "C"`,
    [schema, tables],
  );
  return rows;
}

const columns = (fields: readonly string[]): readonly string[] => ["tenant_id", ...fields.map(snake)];

/** A unique key counts live rows only where deleted ones stay; a partial one those of its condition; a derived field is a column as any other. */
export const uniqueByRule = ({ table, unique, soft }: Aggregate): readonly Index[] =>
  unique.map(({ fields, where }) => ({
    name: indexName("uq", table, fields),
    unique: true,
    columns: columns(fields),
    predicate: predicateOf([...(soft ? ["(deleted_at IS NULL)"] : []), ...(where === null ? [] : [among(where)])]),
  }));

/** As the server writes it down, whichever way the migration says it. */
const among = ({ field, values }: Condition): string => {
  const column = snake(field);
  const literals = values.map((value) => (typeof value === "boolean" ? String(value) : `'${value}'::text`));
  return literals.length === 1 ? `(${column} = ${literals[0]})` : `(${column} = ANY (ARRAY[${literals.join(", ")}]))`;
};
const predicateOf = (all: readonly string[]): string | null =>
  all.length > 1 ? `(${all.join(" AND ")})` : (all[0] ?? null);

/** An index over children stands on the children's table; the columns are those it must begin with. */
export function plainByRule({ table, indexes, shape }: Aggregate): readonly Omit<Index, "unique" | "predicate">[] {
  const children = childrenOf(shape);
  return indexes.map((fields) => {
    const [first = "", field] = (fields[0] ?? "").split(".");
    const child = field === undefined ? undefined : children.find(({ name }) => name === first)?.child;
    if (child === undefined) return { name: indexName("idx", table, fields), columns: columns(fields) };
    const own = fields.map((path) => path.split(".")[1] ?? "");
    return { name: indexName("idx", child.table, own), columns: columns(own) };
  });
}
