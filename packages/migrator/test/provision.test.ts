import { postgresDatabase, roleUrl, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createMigrator, provision, provisionSql } from "../src/index.ts";
import { folder, moduleOf } from "./support.ts";

let databases: PostgresDatabase[];
beforeAll(async () => void (databases = await Promise.all([postgresDatabase(), postgresDatabase()])));
afterEach(async () => void (await Promise.all(databases.map((one) => one.expectNoLeaks()))));
afterAll(async () => void (await Promise.all(databases.map((one) => one.drop()))));

const url = (): string => databases[0]?.url ?? "";
const module = (name: string) => moduleOf(name, "/unused");

describe("provision", () => {
  test("makes the roles once, however many provision at once, in several databases of the cluster", async () => {
    const all = databases.flatMap((one) =>
      Array.from({ length: 6 }, () => provision({ module: module("mig_race"), url: one.url })),
    );
    await Promise.all(all);
    await provision({ module: module("mig_race"), url: url() });
    await withPostgres(url(), async (client) => {
      const roles = await client.query(
        "select rolname, rolcanlogin, rolbypassrls, rolsuper from pg_roles where rolname ~ '^(mig_race_.*|cutover_(app|owner)|stella_replicator)$' order by 1",
      );
      const role = (rolname: string, rolbypassrls = false) => ({
        rolname,
        rolcanlogin: expect.any(Boolean),
        rolbypassrls,
        rolsuper: false,
      });
      expect(roles.rows).toEqual([
        role("cutover_app"),
        role("cutover_owner"),
        role("mig_race_app"),
        role("mig_race_owner"),
        role("stella_replicator", true),
      ]);
      const schemas = await client.query(
        "select nspname, nspowner::regrole::text as owner from pg_namespace where nspname in ('cutover', 'mig_race', 'mig_race_app') order by 1",
      );
      expect(schemas.rows).toEqual([
        { nspname: "cutover", owner: "cutover_owner" },
        { nspname: "mig_race", owner: "mig_race_owner" },
        { nspname: "mig_race_app", owner: "mig_race_owner" },
      ]);
    });
  });

  test("gives the SQL without running it, and no password in it", async () => {
    const { sql } = await provision({
      module: module("mig_dry"),
      url: "postgres://127.0.0.1:1/never",
      dryRun: true,
      passwords: { app: "secret-word" },
    });
    expect(sql).toContain('alter role "mig_dry_app" login password \'SCRAM-SHA-256$4096:');
    expect(sql).not.toContain("secret-word");
    expect(provisionSql(module("mig_dry"))).not.toContain("password");
  });

  test.each(["short", "with a space", "pässwörter", "quote'd\u0000"])("refuses the password %j", (app) =>
    expect(() => provisionSql(module("mig_dry"), { app })).toThrow(
      expect.objectContaining({ code: "PROVISION_PASSWORD" }),
    ),
  );

  test.each(["Vuln", "a-b", "a;drop", "", "1a"])("refuses the module name %j", (name) =>
    expect(() => provisionSql(module(name))).toThrow(expect.objectContaining({ code: "MODULE_NAME_INVALID" })),
  );

  test("is refused to a role that may not, and possible without a superuser", async () => {
    await withPostgres(url(), (client) =>
      client.query(`do $$ begin
        if to_regrole('mig_maker') is null then create role mig_maker login createrole bypassrls password 'mig_maker_1'; end if;
        if to_regrole('mig_nobody') is null then create role mig_nobody login password 'mig_nobody_1'; end if;
        execute format('grant create on database %I to mig_maker', current_database());
      end $$`),
    );
    const nobody = { module: module("mig_made"), url: roleUrl(url(), "mig_nobody", "mig_nobody_1") };
    await expect(provision(nobody)).rejects.toMatchObject({ code: "PROVISION_REFUSED", family: "refused" });
    // The replicator and the cutover roles were made by another: their maker grants them.
    await withPostgres(url(), (client) =>
      client.query("grant cutover_owner, cutover_app, stella_replicator to mig_maker with admin option"),
    );
    const maker = { ...nobody, url: roleUrl(url(), "mig_maker", "mig_maker_1") };
    for (const _ of ["what is made", "what is there"]) await provision(maker);
    const path = await folder({ "001_t.sql": "create table t (id int);" });
    const of = createMigrator({ module: moduleOf("mig_made", path), url: maker.url });
    expect((await of.apply()).applied.length).toBe(1);
  });

  test("data migrations act as the replicator, who sees past row level security", async () => {
    const path = await folder({
      "001_t.sql": `create table t (tenant_id text, k int);
        alter table t enable row level security; alter table t force row level security;
        create policy t_insert on t for insert with check (tenant_id = current_setting('app.tenant_id'));`,
      "S001_rows.sql":
        "set local app.tenant_id = 'a'; insert into t values ('a'); set local app.tenant_id = 'b'; insert into t values ('b');",
      "DM001_k.sql":
        "-- stella: batch\nupdate t set k = 1 where ctid = any (array(select ctid from t where k is null limit $1));",
    });
    const seeded = moduleOf("mig_data", path);
    await provision({ module: seeded, url: url() });
    await createMigrator({ module: seeded, url: url() }).apply();
    await withPostgres(url(), async (client) => {
      expect((await client.query("select tenant_id, k from mig_data.t order by 1")).rows).toEqual([
        { tenant_id: "a", k: 1 },
        { tenant_id: "b", k: 1 },
      ]);
    });
  });
});
