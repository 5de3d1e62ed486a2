import { withPostgres } from "@stellaops/testkit";
import { vuln } from "@stellaops/vuln";

export interface Table {
  /** With its schema. */
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  readonly policies: readonly string[];
  /** The tenants that have rows in it. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}
export type Client = Parameters<Parameters<typeof withPostgres>[1]>[0];

/** Every table that holds tenants' rows, as the catalogue has it. */
export const tablesOf = (url: string): Promise<readonly Table[]> =>
  withPostgres(url, async (client) => {
    const { rows } = await client.query<Table>(
      `select n.nspname || '.' || c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
         array(select polname || ' for ' || case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end
               from pg_policy where polrelid = c.oid order by polname collate "C")::text[] as policies,
         array(select attname from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum)::text[] as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('vuln', 'cutover') and c.relkind in ('r', 'p')
         and exists (select from pg_attribute where attrelid = c.oid and attname = 'tenant_id')
       order by n.nspname collate "C", c.relname collate "C"`,
    );
    const filled: Table[] = [];
    for (const table of rows) {
      const found = await client.query<{ tenant_id: string }>(
        `select tenant_id from ${table.name} group by tenant_id order by tenant_id collate "C"`,
      );
      filled.push({ ...table, rows: found.rows.map((row) => row.tenant_id) });
    }
    return filled;
  });

export interface Role {
  readonly name: string;
  readonly role: string;
  readonly tenant: string | null;
}
/** Who asks, and under which setting. */
export const roles: readonly Role[] = [
  { name: "the application without a tenant", role: "vuln_app", tenant: null },
  { name: "the application with an empty tenant", role: "vuln_app", tenant: "" },
  { name: "tenant acme", role: "vuln_app", tenant: "acme" },
  { name: "tenant umbrella", role: "vuln_app", tenant: "umbrella" },
  { name: "the shared scope", role: "vuln_app", tenant: "@global" },
  { name: "the owner without a tenant", role: "vuln_owner", tenant: null },
  { name: "the owner as acme", role: "vuln_owner", tenant: "acme" },
];

export interface Operation {
  readonly name: "select" | "insert" | "update" | "delete" | "steal";
}
/** `steal` writes another tenant's name into an own row. */
export const operations: readonly Operation[] = [
  { name: "select" },
  { name: "insert" },
  { name: "update" },
  { name: "delete" },
  { name: "steal" },
];

const owners = ["@global", "acme", "umbrella"];
/** SQLSTATE, or how many rows were touched. */
type Answer = string | number;
interface Try {
  readonly table: Table;
  readonly role: Role;
  readonly operation: Operation;
}

/** What services may not do at all: change append-only records, and delete entries of the register. */
const withheld: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    vuln.aggregates
      .filter(({ appendOnly }) => appendOnly)
      .map(({ table }) => [`vuln.${table}`, ["update", "steal", "delete"]]),
  ),
  "cutover.register": ["delete"],
};

/** What the rules say, by whose rows are meant: read own and shared, write own, nothing without a tenant. */
export function allowed(table: Table, { role, tenant }: Role, { name }: Operation): Readonly<Record<string, Answer>> {
  const refused = "42501";
  const granted = role === "vuln_app" ? withheld[table.name]?.includes(name) !== true : table.name.startsWith("vuln.");
  const answer = (owner: string): Answer => {
    const own = owner === tenant;
    if (!granted || tenant === null || tenant === "") return refused;
    if (name === "select") return own || owner === "@global" ? 1 : 0;
    if (name === "insert") return own ? 1 : refused;
    if (name === "steal") return own ? refused : 0;
    return own ? 1 : 0;
  };
  return Object.fromEntries(owners.map((owner) => [owner, answer(owner)]));
}

/** Tries one operation on the rows of each tenant, each in a transaction that is rolled back. */
export async function tried(
  client: Client,
  { table, role, operation }: Try,
): Promise<Readonly<Record<string, Answer>>> {
  const answers: [string, Answer][] = [];
  const list = table.columns.map((column) => `"${column}"`).join(", ");
  for (const owner of owners) {
    await client.query("begin");
    if (operation.name === "insert") {
      // The row is kept aside and taken out, so that its return breaks no key.
      await client.query(
        `create temp table aside on commit drop as select ${list} from ${table.name} where tenant_id = $1 limit 1`,
        [owner],
      );
      await client.query(`grant select on aside to public`);
      await client.query(`delete from ${table.name} where tenant_id = $1`, [owner]);
    }
    await client.query(`set local role ${role.role}`);
    if (role.tenant !== null) await client.query("select set_config('app.tenant_id', $1, true)", [role.tenant]);
    const texts = {
      select: `select from ${table.name} where tenant_id = $1 limit 1`,
      insert: `insert into ${table.name} (${list}) select ${list} from aside where $1 <> ''`,
      update: `update ${table.name} set tenant_id = tenant_id where tenant_id = $1`,
      delete: `delete from ${table.name} where tenant_id = $1`,
      steal: `update ${table.name} set tenant_id = 'thief' where tenant_id = $1`,
    };
    const answer = await client.query(texts[operation.name], [owner]).then(
      ({ rowCount }) => Math.min(rowCount ?? 0, 1),
      ({ code }: { readonly code: string }) => code,
    );
    answers.push([owner, answer]);
    await client.query("rollback");
  }
  return Object.fromEntries(answers);
}
