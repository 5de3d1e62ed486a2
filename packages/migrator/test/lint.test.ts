import { describe, expect, test } from "vitest";
import { lint, lintModule, readMigrations, type LintOptions } from "../src/index.ts";
import { folder, moduleOf } from "./support.ts";

const rulesOf = async (files: Record<string, string>, options: Partial<LintOptions> = {}): Promise<string[]> => {
  const read = await readMigrations(await folder(files));
  expect(read.problems).toEqual([]);
  return (await lint(read.files, { schema: "vuln", ...options })).map(
    ({ file, line, rule }) => `${file}:${line} ${rule}`,
  );
};

const table = `create table vuln.advisories (
  tenant_id text collate "C" not null,
  id uuid not null,
  key text not null,
  at timestamptz(3) not null,
  constraint pk_advisories primary key (tenant_id, id)
);
create index idx_advisories_key on vuln.advisories (tenant_id, key);
create index idx_advisories_text on vuln.advisories using gin (to_tsvector('simple', key));
`;
const secured = `alter table vuln.advisories enable row level security;
alter table vuln.advisories force row level security;
create policy advisories_select on vuln.advisories for select using (tenant_id = '');
create policy advisories_insert on vuln.advisories for insert with check (tenant_id = '');
create policy advisories_update on vuln.advisories for update using (tenant_id = '');
create policy advisories_delete on vuln.advisories for delete using (tenant_id = '');`;
const good = { "001_tables.sql": table + secured };

describe("lint", () => {
  test("finds nothing in what follows the rules", async () => {
    expect(
      await rulesOf({
        ...good,
        "002_more.sql":
          "alter table vuln.advisories add column summary text, add column flag boolean not null default false;\nalter table vuln.advisories add constraint ck_x check (key <> '') not valid;\nupdate vuln.advisories set summary = '' where ctid in (select ctid from vuln.advisories limit 1000);",
        "003_index.sql":
          "-- stella: no-transaction\ncreate index concurrently idx_advisories_at on vuln.advisories (tenant_id, at);\ndrop index concurrently vuln.idx_advisories_key;",
        "100_release.sql":
          "alter table vuln.advisories drop column summary;\nupdate vuln.advisories set key = lower(key);",
        "S001_rows.sql":
          "set local app.tenant_id = '@global';\ninsert into vuln.advisories select * from vuln.advisories on conflict do nothing;",
        "DM001_fill.sql":
          "-- stella: batch\nupdate vuln.advisories set key = '' where ctid = any (array(select ctid from vuln.advisories where key = 'x' limit $1));",
      }),
    ).toEqual([]);
  });

  test("says what is dropped", async () => {
    const path = await folder({
      "001_x.sql": "drop table x, cutover.y; drop schema s; drop function f(int); drop type vuln.t;",
    });
    const found = await lint((await readMigrations(path)).files, { schema: "vuln" });
    expect(found.map(({ message }) => /^dropping (.*) breaks/.exec(message)?.[1])).toEqual([
      "vuln.x, cutover.y",
      "s",
      "vuln.f",
      "vuln.t",
    ]);
  });

  test.each([
    ["drop table vuln.advisories;", "drop-table"],
    ["drop schema vuln cascade;", "drop-schema"],
    ["drop function vuln_app.f();", "drop-function"],
    ["drop index vuln.idx_advisories_key;", "index-lock"],
    ["truncate vuln.advisories;", "unbounded-write"],
    ["alter table vuln.advisories drop column key;", "drop-column"],
    ["alter table advisories alter column key type int;", "column-type"],
    ["alter table vuln.advisories alter key set not null;", "set-not-null"],
    ["alter table vuln.advisories rename to x;", "rename"],
    ["alter table vuln.advisories rename column key to k;", "rename"],
    ["alter table vuln.advisories set schema public;", "rename"],
    ["alter table vuln.advisories add column n int not null;", "add-not-null"],
    ["alter table vuln.advisories add column n int default length(pg_sleep(0)::text);", "table-rewrite"],
    [
      "alter table vuln.advisories add column n tsvector generated always as (to_tsvector('simple', key)) stored;",
      "table-rewrite",
    ],
    ["alter table vuln.advisories add column n int check (n > 0);", "constraint-lock"],
    ["alter table vuln.advisories add constraint c check (key <> '');", "constraint-lock"],
    ["alter table vuln.advisories add constraint u unique (tenant_id, key);", "constraint-lock"],
    [
      "alter table vuln.advisories add constraint f foreign key (tenant_id, id) references vuln.advisories;",
      "constraint-lock",
    ],
    ["alter table vuln.advisories validate constraint c;", "validate"],
    ["alter table vuln.advisories set unlogged;", "table-rewrite"],
    ["create index i on vuln.advisories (tenant_id, at);", "index-lock"],
    ["update vuln.advisories set key = '';", "unbounded-write"],
    ["update vuln.advisories set key = '' where key = 'x';", "unbounded-write"],
    ["delete from vuln.advisories where ctid in (select ctid from vuln.advisories limit 10001);", "unbounded-write"],
    ["insert into vuln.advisories select * from vuln.advisories;", "unbounded-write"],
    [
      "merge into vuln.advisories a using vuln.advisories b on a.id = b.id when matched then delete;",
      "unbounded-write",
    ],
    ["lock table vuln.advisories;", "exclusive-lock"],
    ["cluster vuln.advisories;", "exclusive-lock"],
    ["do $$ begin null; end $$;", "opaque"],
    ["commit;", "form"],
    ["set search_path = vuln;", "form"],
    ["create index concurrently i on vuln.advisories (tenant_id, at);", "form"],
    ["selct;", "syntax"],
  ])("of a startup file: %s", async (sql, rule) => {
    const found = await rulesOf({ ...good, "002_x.sql": `-- é comment\n\n${sql}` });
    expect(found.filter((one) => one.startsWith("002"))).toEqual([`002_x.sql:3 ${rule}`]);
  });

  test.each([
    "update vuln.advisories set key = '' where tenant_id = 'default' and id = '00000000-0000-0000-0000-000000000001';",
    "with x as (select 1) insert into vuln.advisories select from x;",
    "insert into vuln.advisories values ('a');",
    "drop policy advisories_select on vuln.advisories;",
    "alter table vuln.advisories alter column key drop not null;",
    "alter table vuln.advisories add constraint u unique using index i;",
    "refresh materialized view concurrently vuln.v;",
  ])("lets pass: %s", async (sql) => {
    expect(await rulesOf({ ...good, "002_x.sql": sql })).toEqual([]);
  });

  test("seeds only insert what is missing", async () => {
    const seed =
      "insert into vuln.advisories values ('a') on conflict do nothing;\ninsert into vuln.advisories values ('a');\nupdate vuln.advisories set key = '';";
    expect(await rulesOf({ ...good, "S001_x.sql": seed })).toEqual([
      "S001_x.sql:2 seed-insert",
      "S001_x.sql:3 seed-insert",
    ]);
  });

  test("values are not made in the server", async () => {
    const columns =
      "tenant_id text not null,\nid uuid default gen_random_uuid(),\nn bigserial,\nm int generated always as identity,\na timestamptz(3) default now(),\nb timestamptz(3) default current_timestamp,\nc timestamptz,\nd timestamp(3),\nprimary key (tenant_id, id)";
    expect(await rulesOf({ "001_x.sql": `create table x (\n${columns});` }, { exempt: ["vuln.x"] })).toEqual([
      "001_x.sql:3 server-made",
      "001_x.sql:4 server-made",
      "001_x.sql:5 server-made",
      "001_x.sql:6 server-made",
      "001_x.sql:7 server-made",
      "001_x.sql:8 time-precision",
      "001_x.sql:9 time-precision",
    ]);
  });
});

describe("every table", () => {
  test("has row level security enabled, forced, and four policies", async () => {
    const without = async (sql: string, by = ""): Promise<string> => {
      const read = await readMigrations(await folder({ "001_x.sql": table + secured.replace(sql, by) }));
      return (await lint(read.files, { schema: "vuln" })).map(({ message }) => message).join("; ");
    };
    expect(await without("alter table vuln.advisories enable row level security;")).toBe(
      "vuln.advisories: row level security is not enabled",
    );
    expect(await without("alter table vuln.advisories force row level security;")).toBe(
      "vuln.advisories: row level security is not forced",
    );
    expect(await without("for select", "for insert")).toBe(
      "vuln.advisories: row level security lacks policies for select",
    );
    expect(await without("for delete", "for all")).toContain("one policy for all commands");
    expect(
      await without(
        "create policy advisories_delete",
        "create policy advisories_delete on vuln.advisories as restrictive for delete using (true); --",
      ),
    ).toContain("lacks policies for delete");
  });

  test.each<[string, string, Partial<LintOptions>]>([
    ["a helper", "select vuln_app.protect('advisories');", {}],
    ["a helper with the whole name", "select vuln_app.protect('vuln.advisories');", {}],
    [
      "a helper of another name",
      "select vuln_app.tenant_table('vuln', 'advisories');",
      { helpers: ["vuln_app.tenant_table"] },
    ],
    [
      "a block",
      "do $$ begin execute 'alter table vuln.advisories enable row level security'; execute 'create policy …'; end $$;",
      {},
    ],
    ["a procedure", "call vuln_app.protect('advisories');", {}],
    ["a block that calls the helper", "do $$ begin call vuln_app.protect('advisories'); end $$;", {}],
    [
      "a block over all tables",
      "do $$ declare r record; begin for r in select * from pg_tables loop execute format('alter table %I force row level security; create policy …', r); end loop; end $$;",
      {},
    ],
    ["nothing, being exempt", "", { exempt: ["vuln.advisories"] }],
  ])("is protected by %s", async (_, sql, options) => {
    expect((await rulesOf({ "001_x.sql": table + sql }, options)).filter((one) => !one.endsWith("opaque"))).toEqual([]);
  });

  test("is not protected by what protects another one", async () => {
    expect(await rulesOf({ "001_x.sql": `${table}select vuln_app.protect('advisory');` })).toEqual([
      "001_x.sql:1 row-security",
    ]);
    expect(await rulesOf({ "001_x.sql": `${table}select vuln_app.other('advisories');` })).toEqual([
      "001_x.sql:1 row-security",
    ]);
  });

  test("may be allowed to break one rule, with a reason, directly above", async () => {
    const x = "create table vuln.x (id uuid primary key);";
    const both = ["001_x.sql:2 row-security", "001_x.sql:2 tenant-first", "001_x.sql:2 tenant-first"];
    expect(await rulesOf({ "001_x.sql": `-- lint: allow row-security: no tenant\n${x}` })).toEqual(both.slice(1));
    expect(await rulesOf({ "001_x.sql": `-- lint: allow row-security:\n${x}` })).toEqual(both);
    expect(await rulesOf({ "001_x.sql": `select 1; -- lint: allow row-security: no\n${x}` })).toEqual(both);
    const all = "-- lint: allow row-security: no tenant\n-- lint: allow tenant-first: no tenant";
    expect(await rulesOf({ "001_x.sql": `${all}\n${x}` })).toEqual([]);
  });

  test("is one of a partitioned table too", async () => {
    const parts =
      "create table vuln.p partition of vuln.advisories for values in ('a');\nselect vuln_app.protect('p');\ncreate table vuln.q partition of vuln.advisories for values in ('b');";
    expect(await rulesOf({ ...good, "002_x.sql": parts })).toEqual(["002_x.sql:3 row-security"]);
  });

  test("has the tenant first in every key", async () => {
    const x = `create table vuln.x (
tenant_id text,
id uuid primary key,
key text unique,
other uuid references vuln.advisories,
unique (key, tenant_id));
create index i on vuln.x (key, id);
create index j on vuln.x (key);
create unique index k on vuln.x (key);
select vuln_app.protect('x');
alter table vuln.x add constraint l unique (key);
create table vuln.y (id uuid);
select vuln_app.protect('y');`;
    const lines = [2, 3, 4, 5, 6, 7, 9, 11, 12, 12].map((line) => `002_x.sql:${line} tenant-first`);
    expect(await rulesOf({ ...good, "002_x.sql": x })).toEqual(lines);
  });
});

test("a module's folder is linted with its names", async () => {
  const path = await folder({ "1_x.sql": "", "001_x.sql": "drop table x;" });
  expect(await lintModule(moduleOf("vuln", path))).toMatchObject([
    { file: "1_x.sql", line: 1, rule: "misnamed", severity: "error" },
    { file: "001_x.sql", line: 1, rule: "drop-table", severity: "error" },
  ]);
});
