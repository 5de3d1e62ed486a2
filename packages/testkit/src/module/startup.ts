import type { ModuleWiring } from "@stellaops/cutover/open";
import { manualClock } from "@stellaops/kernel";
import { checkService, openPostgres, type ServiceChecks } from "@stellaops/postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { PostgresDatabase } from "../postgres-database.ts";
import { loginRole, type LoginRoleOptions } from "../roles.ts";
import { describePostgres } from "../schema.ts";
import { roleUrl } from "../urls.ts";
import { withPostgres } from "../with-postgres.ts";
import { modulePostgres } from "./postgres-rig.ts";
import { allTablesOf } from "./tables.ts";

/** What a service of the module is told at its start: that it serves, or by name why not. */
export function startupSuite<R>(wiring: ModuleWiring<R>): void {
  const { name: module, schema, aggregates } = wiring;
  const checks: ServiceChecks = wiring;
  const tables = allTablesOf(wiring).map(({ table }) => table);
  const [root = "", child = ""] = [
    tables[0],
    tables.find((table) => aggregates.every((one) => one.table !== table)) ?? tables.at(-1),
  ];
  const [app, owner] = [`${module}_app`, `${module}_startup_owner`];
  let database: PostgresDatabase;
  beforeAll(async () => void (database = await modulePostgres(wiring)));
  afterAll(() => database.drop());

  const admin = (sql: string): Promise<void> =>
    withPostgres(database.url, async (client) => void (await client.query(sql)));

  /** What a service that logs in as this role is told; "serves" when nothing. */
  async function told(url: string, options = checks): Promise<string> {
    const postgres = openPostgres({ url, max: 1 });
    try {
      return await checkService(postgres, options).then(
        () => "serves",
        ({ code, message }: { code: string; message: string }) => `${code}: ${message}`,
      );
    } finally {
      await postgres.close();
    }
  }
  async function as(name: string, options: LoginRoleOptions = {}): Promise<string> {
    const role = await loginRole(name, { memberOf: [app], ...options });
    return roleUrl(database.url, role.name, role.password);
  }
  const service = (): Promise<string> => as(`${module}_startup_app`);

  it("a member of the app role serves", async () => {
    expect(await told(await service())).toBe("serves");
  });

  it("a superuser, a role that bypasses row-level security and an owner of tables do not", async () => {
    expect(await told(database.url)).toMatch(new RegExp(`^ROLE_SUPERUSER: .* is a superuser.*${app}`));
    expect(await told(await as(`${module}_startup_bypass`, { bypassRls: true }))).toMatch(/^ROLE_BYPASSES_RLS/);
    const url = await as(owner);
    await admin(`alter table ${schema}.${root} owner to ${owner}`);
    expect(await told(url)).toMatch(new RegExp(`^ROLE_OWNS_TABLES: ${owner} owns ${schema}.${root}`));
    await admin(`alter table ${schema}.${root} owner to ${module}_owner`);
    expect(await told(url)).toBe("serves");
  });

  /** The statement that makes a policy, as the catalogue has it now. */
  async function policy(name: string): Promise<string> {
    const text = await describePostgres(database.url, [schema]);
    const made = text.split("\n").find((line) => line.startsWith(`create policy ${name} on `));
    if (made === undefined) throw new Error(`no policy ${name}`);
    return made;
  }

  it.each([
    {
      what: "row-level security not forced",
      weaken: `alter table ${schema}.${root} no force row level security`,
      mend: () => `alter table ${schema}.${root} force row level security`,
    },
    {
      what: "row-level security off",
      weaken: `alter table ${schema}.${child} disable row level security`,
      mend: () => `alter table ${schema}.${child} enable row level security`,
    },
    {
      what: "a policy missing",
      weaken: `drop policy ${root}_delete on ${schema}.${root}`,
      mend: () => policy(`${root}_delete`),
    },
    {
      what: "a policy too many",
      weaken: `create policy extra on ${schema}.${root} for select using (true)`,
      mend: () => `drop policy extra on ${schema}.${root}`,
    },
  ])("$what: refused by name", async ({ weaken, mend }) => {
    const url = await service();
    const mended = await mend();
    await admin(weaken);
    expect(await told(url)).toMatch(
      new RegExp(`^POLICY_MISSING: ${schema}\\.(${root}|${child}): .*stella-data migrate verify`),
    );
    await admin(mended);
    expect(await told(url)).toBe("serves");
  });

  it("a table that is not there names the command that makes it", async () => {
    const [first] = aggregates;
    const more = { ...checks, aggregates: [...aggregates, { ...first, table: "not_there" }] } as ServiceChecks;
    expect(await told(await service(), more)).toMatch(
      new RegExp(`^TABLE_MISSING: ${module} lacks not_there; run \`stella-data migrate apply --module ${module}\``),
    );
  });

  it("a clock that is off is refused, in both directions", async () => {
    const url = await service();
    for (const off of [-2_000, 2_000]) {
      const clock = manualClock(new Date(Date.now() + off));
      expect(await told(url, { ...checks, clock })).toMatch(/^CLOCK_SKEW/);
    }
  });

  it("no function that runs as its owner is open to everyone", async () => {
    const open = await withPostgres(database.url, async (client) => {
      const { rows } = await client.query<{ readonly name: string }>(
        `select p.oid::regprocedure::text as name from pg_proc p
         where p.pronamespace::regnamespace::text = any($1) and p.prosecdef
           and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0)`,
        [["cutover", `${schema}_app`]],
      );
      return rows.map(({ name }) => name);
    });
    expect(open).toEqual([]);
  });
}
