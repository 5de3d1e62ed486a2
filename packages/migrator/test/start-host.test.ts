import { postgresDatabase, roleUrl, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createMigrator, provision, startHost } from "../src/index.ts";
import { failing, folder, moduleOf, put } from "./support.ts";

let database: PostgresDatabase;
beforeAll(async () => void (database = await postgresDatabase()));
afterEach(() => database.expectNoLeaks());
afterAll(() => database.drop());

const sql = <T>(text: string): Promise<T[]> =>
  withPostgres(database.url, async (client) => (await client.query(text)).rows as T[]);
const names = (files: readonly { readonly name: string }[]): string[] => files.map(({ name }) => name);

describe("startHost", () => {
  test("applies startup and seed, then costs one query, no lock and no transaction", async () => {
    const path = await folder({ "001_t.sql": "create table t (id int);", "S001_r.sql": "insert into t values (1);" });
    const options = { module: moduleOf("h1", path), url: database.url };
    expect(names((await startHost(options)).applied)).toEqual(["001_t.sql", "S001_r.sql"]);
    await withPostgres(database.url, async (client) => {
      const query = vi.spyOn(client, "query");
      const { applied, data } = await startHost({ ...options, client, url: "postgres://127.0.0.1:1/never" });
      expect([applied, await data.done]).toEqual([[], { state: "done", applied: [] }]);
      expect(query.mock.calls.length).toBe(1);
      expect(query.mock.calls[0]?.[0]).toMatch(/^\s*select [^;]*$/);
    });
  });

  test("refuses on a pending release migration, names it, and has touched nothing", async () => {
    const path = await folder({
      "001_t.sql": "create table t (id int);",
      "100_x.sql": "select 1;",
      "101_y.sql": "select 1;",
    });
    const options = { module: moduleOf("h2", path), url: database.url };
    await expect(startHost(options)).rejects.toMatchObject(
      failing(
        "MIGRATION_RELEASE_PENDING",
        "100_x.sql, 101_y.sql are pending; run `stella-data migrate apply --module h2` before this release is started",
      ),
    );
    expect(await sql("select from pg_namespace where nspname = 'h2'")).toEqual([]);
    await createMigrator(options).apply();
    expect((await startHost(options)).applied).toEqual([]);
  });

  test("ends at its limit, keeps nothing of the file that was too long, and says where it belongs", async () => {
    const path = await folder({
      "001_t.sql": "create table t (id int);",
      "002_slow.sql": "create table u (id int);\nselect pg_sleep(30);",
    });
    const options = { module: moduleOf("h3", path), url: database.url, limitMs: 700 };
    await expect(startHost(options)).rejects.toMatchObject(
      failing(
        "MIGRATION_STARTUP_TIMEOUT",
        /002_slow\.sql:2\); what takes longer is a release \(100 and up\) or a data \(DM\) migration/,
      ),
    );
    expect(await sql("select tablename from pg_tables where schemaname = 'h3' order by 1")).toEqual([
      { tablename: "schema_migrations" },
      { tablename: "t" },
    ]);
  });

  test("does not queue behind a long transaction for longer than its limit, and tries again within it", async () => {
    const path = await folder({ "001_t.sql": "create table t (id int);" });
    const options = { module: moduleOf("h4", path), url: database.url };
    await startHost(options);
    await put(path, { "002_x.sql": "alter table t add column x int;" });
    await withPostgres(database.url, async (blocker) => {
      await blocker.query("begin; lock table h4.t in access share mode");
      await expect(startHost({ ...options, limitMs: 500 })).rejects.toMatchObject({
        code: "MIGRATION_STARTUP_TIMEOUT",
      });
      let retried = (): void => {};
      const retries = new Promise<void>((resolve) => (retried = resolve));
      const log = { debug() {}, info() {}, warn: () => retried(), error() {} };
      const start = startHost({ ...options, log });
      await retries;
      await blocker.query("commit");
      expect(names((await start).applied)).toEqual(["002_x.sql"]);
    });
  });

  test("runs data migrations in the background, goes on where it was stopped, and tells its progress", async () => {
    const path = await folder({
      "001_t.sql": "create table t (id int primary key, k int); insert into t select generate_series(1, 12000);",
    });
    const options = { module: moduleOf("h5", path), url: database.url, batchRows: 1_000 };
    await startHost(options);
    await put(path, {
      "DM001_k.sql": "-- stella: batch\nupdate t set k = id where id in (select id from t where k is null limit $1);",
    });
    const seen: bigint[] = [];
    const first = await startHost({
      ...options,
      onEvent: (event) => {
        if (event.kind !== "batch") return;
        seen.push(event.rowsDone);
        if (event.rowsDone === 3_000n) void first.data.stop();
      },
    });
    expect(await first.data.done).toEqual({ state: "stopped" });
    const done = seen.at(-1) ?? 0n;
    expect(await sql("select count(k)::text as n from h5.t")).toEqual([{ n: String(done) }]);
    expect(done).toBeLessThan(12_000n);
    const status = await createMigrator(options).status();
    expect(status.files.find(({ category }) => category === "data")).toMatchObject({
      state: "running",
      ledger: { rowsDone: done },
    });
    const second = await startHost({
      ...options,
      onEvent: (event) => event.kind === "batch" && seen.push(event.rowsDone),
    });
    expect(await second.data.done).toMatchObject({ state: "done", applied: [{ name: "DM001_k.sql" }] });
    expect(seen).toEqual([...seen].toSorted((a, b) => Number(a - b)));
    expect(await sql("select count(k)::int as n from h5.t")).toEqual([{ n: 12_000 }]);
  });

  test("walks a table by position", async () => {
    const path = await folder({
      "001_t.sql":
        "create table t (id int primary key, k int not null); insert into t select i, i from generate_series(1, 2500) i;",
      "DM001_double.sql": `-- stella: batch
with page as (
  select id from t where id > coalesce(($2::jsonb->>'id')::int, 0) order by id limit $1
), changed as (
  update t set k = k * 2 from page where t.id = page.id returning t.id
)
select count(*) as rows, jsonb_build_object('id', max(id)) as position from changed;`,
    });
    const of = createMigrator({ module: moduleOf("h6", path), url: database.url, batchRows: 1_000 });
    await of.apply();
    expect(await sql("select sum(k)::int as k from h6.t")).toEqual([{ k: 2500 * 2501 }]);
    expect((await of.status()).files[1]?.ledger).toMatchObject({ rowsDone: 2500n, state: "applied", cursor: null });
  });

  test("refuses a batch that is none, or whose position stands still", async () => {
    const refuse = async (schema: string, text: string, code: string): Promise<void> => {
      const path = await folder({ "DM001_x.sql": `-- stella: batch\n${text}` });
      await expect(createMigrator({ module: moduleOf(schema, path), url: database.url }).apply()).rejects.toMatchObject(
        { code },
      );
    };
    await refuse("b1", "update t set k = 1;", "MIGRATION_FORM");
    await refuse("b2", "select $1::int;", "MIGRATION_FORM");
    await refuse("b3", "select $1::int, $2::jsonb;", "MIGRATION_BATCH_ANSWER");
    await refuse("b4", "select $1::int as rows, '{\"at\":1}'::jsonb as position, $2::jsonb;", "MIGRATION_BATCH_ANSWER");
  });

  test("a failing data migration is told and does not stop the service", async () => {
    const path = await folder({
      "DM001_x.sql": "-- stella: batch\ndelete from nothing where id in (select id from nothing limit $1);",
    });
    const { data } = await startHost({ module: moduleOf("h7", path), url: database.url });
    expect(await data.done).toMatchObject({ state: "failed", error: { code: "MIGRATION_FAILED" } });
  });

  test("an older release may restart beside a newer one only when it says so", async () => {
    const path = await folder({ "001_t.sql": "create table t (id int);", "002_u.sql": "create table u (id int);" });
    await startHost({ module: moduleOf("h8", path), url: database.url });
    const older = {
      module: moduleOf("h8", await folder({ "001_t.sql": "create table t (id int);" })),
      url: database.url,
    };
    await expect(startHost(older)).rejects.toMatchObject({ code: "MIGRATION_MISSING" });
    expect((await startHost({ ...older, acceptNewer: true })).applied).toEqual([]);
    const gap = { ...older, module: moduleOf("h8", await folder({ "002_u.sql": "create table u (id int);" })) };
    await expect(startHost({ ...gap, acceptNewer: true })).rejects.toMatchObject({ code: "MIGRATION_MISSING" });
  });
});

describe("as the role of a service", () => {
  test("reads the ledger, may not migrate, and says who may", async () => {
    const path = await folder({ "001_t.sql": "create table t (id int);", "S001_r.sql": "insert into t values (1);" });
    const module = moduleOf("mig_host", path);
    await provision({ module, url: database.url, passwords: { app: "of-the-tests" } });
    const asApp = { module, url: roleUrl(database.url, "mig_host_app", "of-the-tests") };
    await expect(startHost(asApp)).rejects.toMatchObject(
      failing(
        "MIGRATION_ROLE_REFUSED",
        "this login may not act as mig_host_owner; run `stella-data migrate apply --module mig_host` as a login that is a member of mig_host_owner",
      ),
    );
    await createMigrator({ module, url: database.url }).apply();
    expect((await startHost(asApp)).applied).toEqual([]);
    await withPostgres(asApp.url, async (client) => {
      expect((await client.query("update mig_host.t set id = 2")).rowCount).toBe(1);
      await expect(client.query("delete from mig_host.schema_migrations")).rejects.toThrow("permission denied");
      await expect(client.query("create table mig_host.x (id int)")).rejects.toThrow("permission denied");
    });
    const owners = await sql("select distinct tableowner from pg_tables where schemaname = 'mig_host'");
    expect(owners).toEqual([{ tableowner: "mig_host_owner" }]);
    await expect(
      startHost({ ...asApp, module: moduleOf("mig_other", path), role: "mig_other_owner" }),
    ).rejects.toMatchObject({
      code: "MIGRATION_ROLE_REFUSED",
    });
  });
});
