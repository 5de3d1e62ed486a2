import { afterAll, beforeAll, expect, it } from "vitest";
import { installPostgres } from "@stellaops/cutover";
import { manualClock } from "@stellaops/kernel";
import { loginRole, postgresDatabase, roleUrl, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { vuln } from "../src/index.ts";
import { checkService, openPostgres, type ServiceChecks } from "@stellaops/postgres";

let database: PostgresDatabase;
const checks: ServiceChecks = vuln;

beforeAll(async () => {
  database = await postgresDatabase({ template: "vuln", prepare: (url) => installPostgres({ module: vuln, url }) });
});
afterAll(() => database.drop());

const admin = (sql: string): Promise<void> =>
  withPostgres(database.url, async (client) => {
    await client.query(sql);
  });

/** What a service that logs in as this role is told at its start; "serves" when nothing. */
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
async function as(name: string, options: Parameters<typeof loginRole>[1]): Promise<string> {
  const role = await loginRole(name, options);
  return roleUrl(database.url, role.name, role.password);
}

it("a member of the app role serves", async () => {
  expect(await told(await as("startup_app", { memberOf: ["vuln_app"] }))).toBe("serves");
});

it("a superuser, a role that bypasses row-level security and an owner of tables do not", async () => {
  expect(await told(database.url)).toMatch(/^ROLE_SUPERUSER: .* is a superuser.*vuln_app/);
  expect(await told(await as("startup_bypass", { memberOf: ["vuln_app"], bypassRls: true }))).toMatch(
    /^ROLE_BYPASSES_RLS/,
  );
  const owner = await as("startup_owner", { memberOf: ["vuln_app"] });
  await admin("alter table vuln.kev_flags owner to startup_owner");
  expect(await told(owner)).toMatch(/^ROLE_OWNS_TABLES: startup_owner owns vuln.kev_flags/);
  await admin("alter table vuln.kev_flags owner to vuln_owner");
  expect(await told(owner)).toBe("serves");
});

it.each([
  [
    "row-level security not forced",
    "alter table vuln.sources no force row level security",
    "alter table vuln.sources force row level security",
  ],
  [
    "row-level security off",
    "alter table vuln.advisory_cvss disable row level security",
    "alter table vuln.advisory_cvss enable row level security",
  ],
  [
    "a policy missing",
    "alter policy sources_delete on vuln.sources rename to gone; drop policy gone on vuln.sources",
    "create policy sources_delete on vuln.sources for delete using (tenant_id = (select vuln_app.require_current_tenant()))",
  ],
  [
    "a policy too many",
    "create policy extra on vuln.sources for select using (true)",
    "drop policy extra on vuln.sources",
  ],
])("%s: refused by name", async (_, weaken, mend) => {
  const url = await as("startup_app", { memberOf: ["vuln_app"] });
  await admin(weaken);
  expect(await told(url)).toMatch(/^POLICY_MISSING: vuln\.(sources|advisory_cvss): .*stella-data migrate verify/);
  await admin(mend);
  expect(await told(url)).toBe("serves");
});

it("a table that is not there names the command that makes it", async () => {
  const url = await as("startup_app", { memberOf: ["vuln_app"] });
  const [first] = vuln.aggregates;
  const more = { ...checks, aggregates: [...vuln.aggregates, { ...first, table: "not_there" }] } as ServiceChecks;
  expect(await told(url, more)).toMatch(
    /^TABLE_MISSING: vuln lacks not_there; run `stella-data migrate apply --module vuln`/,
  );
});

it("a clock that is off is refused, in both directions", async () => {
  const url = await as("startup_app", { memberOf: ["vuln_app"] });
  for (const off of [-2_000, 2_000]) {
    const clock = manualClock(new Date(Date.now() + off));
    expect(await told(url, { ...checks, clock })).toMatch(/^CLOCK_SKEW/);
  }
});

it("no function that runs as its owner is open to everyone", async () => {
  const open = await withPostgres(database.url, async (client) => {
    const { rows } = await client.query<{ readonly name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p
       where p.pronamespace in ('cutover'::regnamespace, 'vuln_app'::regnamespace) and p.prosecdef
         and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) where grantee = 0)`,
    );
    return rows.map(({ name }) => name);
  });
  expect(open).toEqual([]);
});
