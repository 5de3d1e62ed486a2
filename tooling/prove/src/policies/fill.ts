import { rowOwners } from "@stellaops/testkit/tenancy";
import type { ClientBase } from "pg";

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** The words of a choice. */
  readonly words: readonly string[] | null;
}

/** One row of each owner in every table, roots before their children; ids and unique values of their own for each owner. */
export async function fill(client: ClientBase): Promise<void> {
  const { rows } = await client.query<Column>(
    `select c.oid::regclass::text as "table", a.attname as column, format_type(a.atttypid, null) as type,
       (select array_agg(word[1]) from pg_constraint k, regexp_matches(pg_get_constraintdef(k.oid), '''([^'']+)''', 'g') word
        where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]) as words
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
     where c.relkind = 'r' and c.relrowsecurity and c.relnamespace in ('vuln'::regnamespace, 'cutover'::regnamespace)
     order by exists (select from pg_constraint where conrelid = c.oid and contype = 'f'), 1, a.attnum`,
  );
  const tables = Map.groupBy(rows, ({ table }) => table);
  for (const [i, owner] of rowOwners.entries())
    for (const [table, columns] of tables) {
      const values = columns.map((column) => valueOf(column, owner, i));
      await client.query(
        `insert into ${table} (${columns.map(({ column }) => column).join(", ")}) values (${values.join(", ")})`,
      );
    }
}

function valueOf({ column, type, words }: Column, owner: string, i: number): string {
  if (column === "tenant_id") return `'${owner}'`;
  if (column === "search_words") return "array['word']";
  if (words !== null) return `'${words[0]}'`;
  switch (type) {
    case "uuid":
      return `'01900000-0000-7000-8000-00000000000${i}'`;
    case "text":
      return `'${column} of ${owner}'`;
    case "jsonb":
      return `'{}'`;
    case "boolean":
      return "true";
    case "text[]":
      return "'{}'";
    case "timestamp with time zone":
      return "'2026-01-01T00:00:00Z'";
    default:
      return String(i + 1);
  }
}
