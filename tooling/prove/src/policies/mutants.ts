import { vuln } from "@stellaops/vuln";
import type { ClientBase } from "pg";
import { keyMutants } from "./keys.ts";
import type { Mutant } from "./mutant.ts";

/** Everything that can be weakened, one at a time, from the catalogue as it is. */
export async function mutantsOf(client: ClientBase): Promise<readonly Mutant[]> {
  return [
    ...(await policyMutants(client)),
    ...(await tableMutants(client)),
    ...roleMutants(),
    ...(await functionMutants(client)),
    ...(await keyMutants(client)),
  ];
}

interface Policy {
  readonly table: string;
  readonly policy: string;
  readonly using: string | null;
  readonly checks: string | null;
}
const read = "tenant_id = any (array[current_setting('app.tenant_id', true), '@global'])";

async function policyMutants(client: ClientBase): Promise<readonly Mutant[]> {
  const { rows } = await client.query<Policy>(
    `select c.oid::regclass::text as "table", quote_ident(polname) as policy, pg_get_expr(polqual, polrelid) as using, pg_get_expr(polwithcheck, polrelid) as checks
     from pg_policy join pg_class c on c.oid = polrelid where c.relnamespace in ('vuln'::regnamespace, 'cutover'::regnamespace) order by 1, 2`,
  );
  return rows.flatMap(({ table, policy, using, checks }) => {
    const alter = (kind: string, how: string): Mutant => ({
      kind,
      name: `${policy}: ${how}`,
      table,
      sql: `alter policy ${policy} on ${table} ${how}`,
      // Services lack the privilege itself.
      static: table === "cutover.register" && policy === "register_delete",
    });
    return [
      { kind: "policy dropped", name: policy, table, sql: `drop policy ${policy} on ${table}` },
      ...(using === null ? [] : [alter("USING", "using (true)")]),
      ...(using === null || using.includes("@global") ? [] : [alter("USING", `using (${read})`)]),
      ...(checks === null
        ? []
        : [alter("WITH CHECK", "with check (true)"), alter("WITH CHECK", `with check (${read})`)]),
    ];
  });
}

async function tableMutants(client: ClientBase): Promise<readonly Mutant[]> {
  const { rows } = await client.query<{ table: string; lacking: readonly string[] }>(
    `select c.oid::regclass::text as "table",
       array(select p from unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p where not has_table_privilege('vuln_app', c.oid, p)) as lacking
     from pg_class c where c.relkind = 'r' and c.relrowsecurity and c.relnamespace in ('vuln'::regnamespace, 'cutover'::regnamespace) order by 1`,
  );
  return rows.flatMap(({ table, lacking }) => [
    {
      kind: "row-level security",
      name: `${table} disabled`,
      table,
      sql: `alter table ${table} disable row level security`,
    },
    { kind: "FORCE", name: `${table} not forced`, table, sql: `alter table ${table} no force row level security` },
    {
      kind: "policy added",
      name: `${table} for all`,
      table,
      sql: `create policy everybody on ${table} for all using (true) with check (true)`,
    },
    ...lacking.map((privilege) => ({
      kind: "grant",
      name: `${privilege} on ${table} to vuln_app`,
      table,
      sql: `grant ${privilege} on ${table} to vuln_app`,
      static: privilege === "references" || privilege === "trigger",
    })),
    {
      kind: "grant",
      name: `select on ${table} to public`,
      table,
      sql: `grant select on ${table} to public`,
      // Nobody but the services may enter the schema.
      static: table === "cutover.register",
    },
    { kind: "owner", name: `${table} to vuln_app`, table, sql: `alter table ${table} owner to vuln_app` },
  ]);
}

function roleMutants(): readonly Mutant[] {
  const attribute = (role: string, word: string): Mutant => ({
    kind: "role attribute",
    name: `${role} ${word}`,
    table: null,
    sql: `alter role ${role} ${word}`,
  });
  const member = (group: string): Mutant => ({
    kind: "membership",
    name: `vuln_app in ${group}`,
    table: null,
    sql: `grant ${group} to vuln_app`,
  });
  return [
    ...["superuser", "bypassrls", "createrole", "replication"].map((word) => attribute("vuln_app", word)),
    attribute("vuln_owner", "bypassrls"),
    attribute("vuln_owner", "superuser"),
    attribute("cutover_app", "bypassrls"),
    attribute("cutover_app", "superuser"),
    ...["vuln_owner", "cutover_owner", "stella_replicator", "pg_write_server_files", "pg_execute_server_program"].map(
      member,
    ),
  ];
}

async function functionMutants(client: ClientBase): Promise<readonly Mutant[]> {
  const { rows } = await client.query<{ name: string; definition: string; trigger: boolean }>(
    `select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition,
       p.prorettype = 'trigger'::regtype as trigger from pg_proc p
     where p.pronamespace in ('vuln'::regnamespace, 'vuln_app'::regnamespace, 'cutover'::regnamespace) and p.prosecdef order by 1`,
  );
  const search = rows.find(({ name }) => name.startsWith("vuln_app.search_advisories"));
  const replaced = (name: string, from: string, to: string): readonly Mutant[] =>
    search?.definition.includes(from) === true
      ? [{ kind: "definer function", name, table: "vuln.advisories", sql: search.definition.replace(from, to) }]
      : [];
  const tenantless = "language sql stable parallel safe as";
  return [
    ...rows.flatMap(({ name, trigger }): readonly Mutant[] => [
      {
        kind: "definer function",
        name: `${name} to public`,
        table: null,
        sql: `grant execute on function ${name} to public`,
        // Nobody can call one of them by itself.
        static: trigger,
      },
      {
        kind: "definer function",
        name: `${name} without search_path`,
        table: null,
        sql: `alter function ${name} reset all`,
        static: true,
      },
    ]),
    ...replaced("search without its tenant", "a.tenant_id in (own, '@global')", "true"),
    ...replaced(
      "search answers without a tenant",
      "vuln_app.require_current_tenant()",
      "current_setting('app.tenant_id', true)",
    ),
    {
      kind: "tenant function",
      name: "no tenant is acme",
      table: null,
      sql: `create or replace function ${vuln.schema}_app.no_tenant() returns text ${tenantless} $$ select 'acme'::text $$`,
    },
    {
      kind: "tenant function",
      name: "an empty tenant is one",
      table: null,
      sql: `create or replace function ${vuln.schema}_app.require_current_tenant() returns text ${tenantless} $$ select coalesce(current_setting('app.tenant_id', true), vuln_app.no_tenant()) $$`,
    },
    {
      kind: "tenant function",
      name: "no tenant is none",
      table: null,
      sql: `create or replace function ${vuln.schema}_app.no_tenant() returns text ${tenantless} $$ select null::text $$`,
    },
    {
      kind: "tenant function",
      name: "the cutover's: no tenant is acme",
      table: "cutover.register",
      sql: `create or replace function cutover.require_current_tenant() returns text ${tenantless} $$ select coalesce(nullif(current_setting('app.tenant_id', true), ''), 'acme') $$`,
    },
    {
      kind: "schema",
      name: "vuln_app may create in vuln",
      table: null,
      sql: "grant create on schema vuln to vuln_app",
    },
    {
      kind: "schema",
      name: "everybody may create in vuln_app",
      table: null,
      sql: "grant create on schema vuln_app to public",
    },
  ];
}
