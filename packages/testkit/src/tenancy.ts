import type { ModuleDefinition } from "@stellaops/kernel";
import type { ClientBase } from "pg";

/** What one tenant may do to another's rows, from the catalogue: tables × operations × roles. */
export interface TenantTable {
  /** With its schema. */
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly policies: readonly string[];
  /** The tenants that have rows in it. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** Every table of the module and of the cutover that holds tenants' rows. The client's role sees all of them. */
export async function tenantTables(client: ClientBase, { schema }: ModuleDefinition): Promise<readonly TenantTable[]> {
  const { rows } = await client.query<TenantTable>(
    `select n.nspname || '.' || c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
       array(select polname || ' for ' || case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
             from pg_policy where polrelid = c.oid order by polname collate "C")::text[] as policies,
       array(select attname from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum)::text[] as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ($1, 'cutover') and c.relkind in ('r', 'p')
       and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id')
     order by n.nspname collate "C", c.relname collate "C"`,
    [schema],
  );
  const filled: TenantTable[] = [];
  for (const table of rows) {
    const found = await client.query<{ tenant_id: string }>(
      `select tenant_id from ${table.name} group by tenant_id order by tenant_id collate "C"`,
    );
    filled.push({ ...table, rows: found.rows.map((row) => row.tenant_id) });
  }
  return filled;
}

export interface TenantRole {
  readonly name: string;
  readonly role: string;
  readonly tenant: string | null;
}

/** Who asks, and under which setting. */
export const tenantRoles = ({ name: module }: ModuleDefinition): readonly TenantRole[] => [
  { name: "the application without a tenant", role: `${module}_app`, tenant: null },
  { name: "the application with an empty tenant", role: `${module}_app`, tenant: "" },
  { name: "tenant acme", role: `${module}_app`, tenant: "acme" },
  { name: "tenant umbrella", role: `${module}_app`, tenant: "umbrella" },
  { name: "the shared scope", role: `${module}_app`, tenant: "@global" },
  { name: "the owner without a tenant", role: `${module}_owner`, tenant: null },
  { name: "the owner as acme", role: `${module}_owner`, tenant: "acme" },
];

export interface TenantOperation {
  readonly name: "select" | "insert" | "update" | "delete" | "steal" | "publish";
}
/** `steal` writes another tenant's name into an own row, `publish` the shared one's, which the policy for reads would let pass. */
export const tenantOperations: readonly TenantOperation[] = [
  { name: "select" },
  { name: "insert" },
  { name: "update" },
  { name: "delete" },
  { name: "steal" },
  { name: "publish" },
];

export const rowOwners = ["@global", "acme", "umbrella"];
/** SQLSTATE, or how many rows were touched, at most 1; by whose rows were meant. */
export type TenantAnswer = Readonly<Record<string, string | number>>;

interface Attempt {
  readonly table: TenantTable;
  readonly role: TenantRole;
  readonly operation: TenantOperation;
}

/** Grants that services lack, by table. */
export type Withheld = Readonly<Record<string, readonly ("insert" | "update" | "delete")[]>>;

/** What services may not do at all: change append-only records, delete entries of the register, and what a module withholds beside. */
const withheldOf = ({ schema, aggregates }: ModuleDefinition, beside: Withheld): Withheld => ({
  ...Object.fromEntries(Object.entries(beside).map(([table, grants]) => [`${schema}.${table}`, grants])),
  ...Object.fromEntries(
    aggregates
      .filter(({ appendOnly }) => appendOnly)
      .map(({ table }) => [`${schema}.${table}`, ["update", "delete"] as const]),
  ),
  "cutover.register": ["delete"],
});

/** The grant that an operation needs. */
const needs = {
  select: "select",
  insert: "insert",
  update: "update",
  delete: "delete",
  steal: "update",
  publish: "update",
} as const;

/** What the rules say: read own and shared, write own, nothing without a tenant. `beside`: tables without their schema. */
export function allowed(
  module: ModuleDefinition,
  { table, role: { role, tenant }, operation: { name } }: Attempt,
  beside: Withheld = {},
): TenantAnswer {
  const refused = "42501";
  const withheld: readonly string[] = withheldOf(module, beside)[table.name] ?? [];
  const granted =
    role === `${module.name}_app` ? !withheld.includes(needs[name]) : table.name.startsWith(`${module.schema}.`);
  const answer = (owner: string): string | number => {
    const own = owner === tenant;
    if (!granted || tenant === null || tenant === "") return refused;
    if (name === "select") return own || owner === "@global" ? 1 : 0;
    if (name === "insert") return own ? 1 : refused;
    if (name === "steal" || (name === "publish" && tenant !== "@global")) return own ? refused : 0;
    return own ? 1 : 0;
  };
  return Object.fromEntries(rowOwners.map((owner) => [owner, answer(owner)]));
}

/** One statement as a role and tenant, taken back whatever it does. */
export interface Trial {
  readonly role: string;
  /** Null: none is set. */
  readonly tenant: string | null;
  /** Run before, by the client's own role. */
  readonly prepare?: string;
  readonly text: string;
}

/** Undone by an exception of its own, so that hundreds of trials are one round trip. */
const trial = `create or replace function pg_temp.trial(role text, tenant text, prepare text, attempt text) returns text language plpgsql as $$
declare touched bigint;
begin
  if prepare is not null then execute prepare; end if;
  execute format('set local role %I', role);
  if tenant is not null then perform set_config('app.tenant_id', tenant, true); end if;
  execute attempt;
  get diagnostics touched = row_count;
  raise exception using errcode = 'ZZ001', message = touched::text;
exception when others then
  return case sqlstate when 'ZZ001' then sqlerrm else sqlstate end;
end $$`;

/** SQLSTATE, or how many rows were touched. The client is a superuser's, in a transaction. */
export async function trials(client: ClientBase, all: readonly Trial[]): Promise<readonly string[]> {
  await client.query(trial);
  const { rows } = await client.query<{ answer: string }>(
    `select pg_temp.trial(t->>'role', t->>'tenant', t->>'prepare', t->>'text') as answer
     from jsonb_array_elements($1) with ordinality as all_of_them (t, place) order by place`,
    [JSON.stringify(all)],
  );
  return rows.map(({ answer }) => answer);
}

/** Tries operations on the rows of each tenant, and takes them back; answers in the order of the attempts. */
export async function tried(client: ClientBase, attempts: readonly Attempt[]): Promise<readonly TenantAnswer[]> {
  const answers = await trials(client, attempts.flatMap(trialsOf));
  return attempts.map((_, i) =>
    Object.fromEntries(
      rowOwners.map((owner, j) => {
        const answer = answers[i * rowOwners.length + j] ?? "";
        // A SQLSTATE has five characters.
        return [owner, answer.length === 5 ? answer : Math.min(Number(answer), 1)];
      }),
    ),
  );
}

function trialsOf({ table, role: { role, tenant }, operation }: Attempt): readonly Trial[] {
  const list = table.columns.map((column) => `"${column}"`).join(", ");
  return rowOwners.map((owner) => {
    const own = `where tenant_id = '${owner}'`;
    const texts = {
      select: `select from ${table.name} ${own} limit 1`,
      insert: `insert into ${table.name} (${list}) select ${list} from aside`,
      update: `update ${table.name} set tenant_id = tenant_id ${own}`,
      delete: `delete from ${table.name} ${own}`,
      steal: `update ${table.name} set tenant_id = 'thief' ${own}`,
      publish: `update ${table.name} set tenant_id = '@global' ${own}`,
    };
    // The row is kept aside and taken out, so that its return breaks no key.
    const prepare = `create temp table aside on commit drop as select ${list} from ${table.name} ${own} limit 1;
      grant select on aside to public; delete from ${table.name} ${own}`;
    return { role, tenant, text: texts[operation.name], ...(operation.name === "insert" ? { prepare } : {}) };
  });
}
