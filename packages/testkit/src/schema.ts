import type { ClientBase } from "pg";
import { withPostgres } from "./with-postgres.ts";

/**
 * Schemas as SQL, read from the catalogue: tables, constraints, indexes, row-level security, grants, routines. Equal schemas give equal
 * text, whatever migrations made them; the ledger of migrations is left out.
 */
export const describePostgres = (url: string, schemas: readonly string[]): Promise<string> =>
  withPostgres(url, (client) => describeSchemas(client, schemas));

/** The same of what the client's transaction sees. */
export async function describeSchemas(client: ClientBase, schemas: readonly string[]): Promise<string> {
  const blocks: string[] = [];
  for (const text of [tables, indexes, security, policies, routines, grants]) {
    const { rows } = await client.query<{ text: string | null }>(text, [schemas]);
    blocks.push(...rows.map((row) => (row.text ?? "").trimEnd()));
  }
  return `${blocks.join("\n\n")}\n`;
}

const inSchemas = `n.nspname = any($1::text[])`;
const relations = `pg_class c join pg_namespace n on n.oid = c.relnamespace and ${inSchemas} and c.relname <> 'schema_migrations'`;
const order = `order by array_position($1::text[], n.nspname::text), c.relname collate "C"`;

const columns = `(select string_agg('  ' || quote_ident(attname) || ' ' || format_type(atttypid, atttypmod)
      || coalesce((select ' collate "' || collname || '"' from pg_collation where oid = attcollation and collname <> 'default'), '')
      || case when attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
              when d.oid is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end
      || case when attnotnull then ' not null' else '' end, E',\\n' order by attnum)
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = c.oid and attnum > 0 and not attisdropped)`;
const constraints = `(select string_agg(E',\\n  constraint ' || quote_ident(conname) || ' ' || pg_get_constraintdef(k.oid), ''
      order by array_position('{p,u,f,c}'::text[], contype::text), conname collate "C")
    from pg_constraint k where conrelid = c.oid and contype in ('p', 'u', 'f', 'c'))`;

const tables = `select 'create table ' || c.oid::regclass || E' (\\n' || ${columns} || coalesce(${constraints}, '') || E'\\n);' as text
  from ${relations} where c.relkind in ('r', 'p') ${order}`;

const indexes = `select string_agg(pg_get_indexdef(x.indexrelid) || ';', E'\\n' order by i.relname collate "C") as text
  from ${relations} join pg_index x on x.indrelid = c.oid join pg_class i on i.oid = x.indexrelid
  where not exists (select from pg_constraint where conindid = x.indexrelid) group by n.nspname, c.relname ${order}`;

const security = `select string_agg('alter table ' || c.oid::regclass || ' enable row level security, ' || case when relforcerowsecurity then 'force' else 'no force' end || ' row level security;', E'\\n' ${order}) as text
  from ${relations} where c.relkind in ('r', 'p') and relrowsecurity having count(*) > 0`;

const policies = `select string_agg('create policy ' || quote_ident(polname) || ' on ' || c.oid::regclass || ' for '
      || case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
      || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '') || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '') || ';',
      E'\\n' order by polname collate "C") as text
  from ${relations} join pg_policy on polrelid = c.oid group by n.nspname, c.relname ${order}`;

const routines = `select regexp_replace(pg_get_functiondef(p.oid), '\\s+$', '') || ';'
      || E'\\nalter routine ' || p.oid::regprocedure || ' owner to ' || pg_get_userbyid(proowner) || ';'
      || coalesce((select E'\\n' || string_agg('grant execute on routine ' || p.oid::regprocedure || ' to ' || case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end || ';', E'\\n' order by grantee = 0 desc, pg_get_userbyid(grantee) collate "C")
        from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee <> proowner), '') as text
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace and ${inSchemas}
  order by array_position($1::text[], n.nspname::text), p.oid::regprocedure::text collate "C"`;

const grants = `select string_agg('grant ' || privileges || ' on ' || name || ' to ' || grantee || ';', E'\\n' order by name collate "C", grantee collate "C") as text from (
    select c.oid::regclass::text as name, n.nspname, case grantee when 0 then 'public' else pg_get_userbyid(grantee)::text end as grantee,
      string_agg(lower(privilege_type), ', ' order by privilege_type collate "C") as privileges
    from ${relations}, aclexplode(relacl) where c.relkind in ('r', 'p') and grantee <> relowner group by c.oid, n.nspname, grantee
  ) g group by nspname order by array_position($1::text[], nspname::text)`;
