import type { ClientBase } from "pg";
import type { Mutant } from "./mutant.ts";

interface Key {
  readonly table: string;
  readonly name: string;
  readonly type: "p" | "u" | "f";
  readonly columns: readonly string[];
  /** Of a foreign key. */
  readonly target: string | null;
  readonly targetColumns: readonly string[];
  /** Foreign keys that point here. */
  readonly pointing: readonly { readonly table: string; readonly name: string; readonly columns: readonly string[] }[];
}

/** Every key without its tenant. What points to a primary key points to it without the tenant then. */
export async function keyMutants(client: ClientBase): Promise<readonly Mutant[]> {
  const columns = (of: string, numbers: string): string =>
    `array(select attname::text from unnest(${numbers}) with ordinality n(number, place) join pg_attribute on attrelid = ${of} and attnum = n.number order by place)`;
  const { rows } = await client.query<Key>(
    `select k.conrelid::regclass::text as "table", k.conname as name, k.contype as type, ${columns("k.conrelid", "k.conkey")} as columns,
       k.confrelid::regclass::text as target, ${columns("k.confrelid", "k.confkey")} as "targetColumns",
       coalesce((select json_agg(json_build_object('table', f.conrelid::regclass::text, 'name', f.conname, 'columns', ${columns("f.conrelid", "f.conkey")})) from pg_constraint f
         where f.contype = 'f' and f.confrelid = k.conrelid and f.conindid = k.conindid and k.contype <> 'f'), '[]') as pointing
     from pg_constraint k join pg_class c on c.oid = k.conrelid
     where c.relnamespace in ('vuln'::regnamespace, 'cutover'::regnamespace) and k.contype in ('p', 'u', 'f')
       and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id') order by 1, 2`,
  );
  return rows.map(mutant);
}

const without = (columns: readonly string[]): string => columns.filter((column) => column !== "tenant_id").join(", ");

function mutant({ table, name, type, columns, target, targetColumns, pointing }: Key): Mutant {
  const drop = `alter table ${table} drop constraint ${name} cascade;`;
  const add = (on: string, as: string, what: string): string => `alter table ${on} add constraint ${as} ${what};`;
  const steps =
    type === "f"
      ? [
          // What is referred to must be unique by itself first.
          `create unique index on ${target} (${without(targetColumns)});`,
          drop,
          add(
            table,
            name,
            `foreign key (${without(columns)}) references ${target} (${without(targetColumns)}) on delete cascade`,
          ),
        ]
      : [
          drop,
          add(table, name, `${type === "p" ? "primary key" : "unique"} (${without(columns)})`),
          ...pointing.map((from) =>
            add(
              from.table,
              from.name,
              `foreign key (${without(from.columns)}) references ${table} (${without(columns)}) on delete cascade`,
            ),
          ),
        ];
  return { kind: "tenant key", name: `${name} of ${table}`, table, sql: steps.join(" ") };
}
