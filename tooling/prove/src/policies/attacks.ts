import { allowed, tenantOperations, tenantRoles, trials, tried, type TenantTable } from "@stellaops/testkit/tenancy";
import { vuln } from "@stellaops/vuln";
import type { ClientBase } from "pg";

export interface AttackOptions {
  readonly tables: readonly TenantTable[];
  /** Sabotage: an attacker who only looks. */
  readonly readsOnly: boolean;
}

/** What a tenant, or nobody, gets that it should not, or does not get that it should; null: all is as the rules say. Ends with the first. */
export async function attack(client: ClientBase, { tables, readsOnly }: AttackOptions): Promise<string | null> {
  for (const table of tables) {
    const found = (await matrix(client, table, readsOnly)) ?? (readsOnly ? null : await keys(client, table));
    if (found !== null) return found;
  }
  return (await search(client)) ?? (readsOnly ? null : await rest(client, tables));
}

async function matrix(client: ClientBase, table: TenantTable, readsOnly: boolean): Promise<string | null> {
  const attempts = tenantOperations
    .filter(({ name }) => !readsOnly || name === "select")
    .flatMap((operation) => tenantRoles(vuln).map((role) => ({ table, role, operation })));
  const answers = await tried(client, attempts);
  for (const [i, attempt] of attempts.entries()) {
    const rules = allowed(vuln, attempt);
    const owner = Object.keys(rules).find((one) => answers[i]?.[one] !== rules[one]);
    if (owner === undefined) continue;
    const { role, operation } = attempt;
    return `${role.name} may ${operation.name} ${owner}'s row of ${table.name}: ${answers[i]?.[owner]} instead of ${rules[owner]}`;
  }
  return null;
}

async function as(client: ClientBase, role: string, tenant: string, prepare: string, text: string): Promise<string> {
  const [answer = ""] = await trials(client, [{ role, tenant, text, ...(prepare === "" ? {} : { prepare }) }]);
  return answer;
}

/** Another's keys are free for oneself, and nobody's child hangs on another's root. */
async function keys(client: ClientBase, table: TenantTable): Promise<string | null> {
  const list = table.columns.map((column) => `"${column}"`);
  const other = list.map((column) => (column === '"tenant_id"' ? "'acme'" : column));
  const aside = `create temp table aside on commit drop as select * from ${table.name} where tenant_id = 'umbrella'; grant select on aside to public;`;
  const insert = `insert into ${table.name} (${list.join(", ")}) select ${other.join(", ")} from aside`;
  const roots = await client.query<{ root: string; columns: string; targets: string }>(
    `select confrelid::regclass::text as root from pg_constraint where conrelid = $1::regclass and contype = 'f'`,
    [table.name],
  );
  const root = roots.rows[0]?.root;
  // A child needs a root of its own under that id first.
  const own =
    root === undefined
      ? ""
      : `do $$ declare names text; begin
           select string_agg(quote_ident(attname), ', ') into names from pg_attribute where attrelid = '${root}'::regclass and attnum > 0 and attgenerated = '' and attname <> 'tenant_id';
           execute format('delete from ${root} where tenant_id = ''acme''; insert into ${root} (tenant_id, %s) select ''acme'', %s from ${root} where tenant_id = ''umbrella''', names, names);
         exception when unique_violation then null; end $$;`;
  const copied = await as(
    client,
    "vuln_app",
    "acme",
    `${aside} ${own} delete from ${table.name} where tenant_id = 'acme';`,
    insert,
  );
  if (copied !== "1") return `acme may not use keys that umbrella uses in ${table.name}: ${copied}`;
  if (root === undefined) return null;
  const hung = await as(client, "vuln_app", "acme", `${aside} delete from ${root} where tenant_id = 'acme';`, insert);
  return hung === "23503" ? null : `acme may hang a row of ${table.name} on umbrella's root: ${hung} instead of 23503`;
}

const found = `select 1 from vuln_app.search_advisories('''word''', 'infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '~', 10)`;

/** The functions that bypass the policies. */
async function search(client: ClientBase): Promise<string | null> {
  for (const [tenant, expected] of [
    ["acme", "2"],
    ["nobody", "1"],
    ["@global", "1"],
    ["", "42501"],
  ] as const) {
    const answer = await as(client, "vuln_app", tenant, "", found);
    if (answer !== expected) return `a search of "${tenant}" gives ${answer} instead of ${expected}`;
  }
  return null;
}

/** What nobody may who is no service, and what no service may. */
async function rest(client: ClientBase, tables: readonly TenantTable[]): Promise<string | null> {
  const stranger = "create role prove_stranger; grant usage on schema vuln, vuln_app, cutover to prove_stranger;";
  for (const { name } of tables) {
    if ((await as(client, "vuln_app", "acme", "", `truncate ${name} cascade`)) !== "42501")
      return `a service may truncate ${name}`;
    if ((await as(client, "prove_stranger", "acme", stranger, `select from ${name}`)) !== "42501")
      return `anybody may read ${name}`;
  }
  const { rows } = await client.query<{ name: string }>(
    `select p.oid::regprocedure::text as name from pg_proc p where p.prosecdef
     and p.pronamespace in ('vuln'::regnamespace, 'vuln_app'::regnamespace, 'cutover'::regnamespace)
     and has_function_privilege('public', p.oid, 'execute') and p.prorettype <> 'trigger'::regtype`,
  );
  if (rows[0] !== undefined) return `anybody may run ${rows[0].name}`;
  for (const schema of ["vuln", "vuln_app", "cutover"])
    if ((await as(client, "vuln_app", "acme", "", `create table ${schema}.prove_mine ()`)) !== "42501")
      return `a service may create tables in ${schema}`;
  return null;
}
