import { postgresDatabase, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createMigrator, type MigrationEvent } from "../src/index.ts";
import { child } from "./children.ts";
import { failing, folder, moduleOf, put } from "./support.ts";

let database: PostgresDatabase;
beforeAll(async () => void (database = await postgresDatabase()));
afterEach(() => database.expectNoLeaks());
afterAll(() => database.drop());

const sql = <T>(text: string): Promise<T[]> =>
  withPostgres(database.url, async (client) => (await client.query(text)).rows as T[]);

/** `seen` counts how often each part took effect. */
const files = {
  "001_tables.sql": "create table seen (what text); create table t (id int, k int); insert into seen values ('001');",
  "002_indexes.sql": `-- stella: no-transaction
insert into t select i, i from generate_series(1, 2500) i;
create index concurrently idx_t_id on t (id);
insert into seen values ('002');
create unique index concurrently uq_t_k on t (k);
drop index concurrently idx_t_id;
reindex index concurrently uq_t_k;
vacuum t;`,
  "S001_rows.sql": "insert into seen values ('S001');",
  "DM001_fill.sql": `-- stella: batch
update t set k = -id where id in (select id from t where k > 0 order by id limit $1);
insert into seen select 'DM001' where $1 > 0 and not exists (select from seen where what = 'DM001');`,
};

test("a process killed at any point leaves what the next one finishes", { timeout: 240_000 }, async () => {
  const migrations = await folder(files);
  const order = { url: database.url, migrations, hosts: 0 };
  const whole = await child({ ...order, schema: "k0" }).ended;
  expect(whole).toMatchObject({ code: 0, errors: "" });
  expect(whole.lines.length).toBeGreaterThan(25);

  const killedAt = async (killAt: number): Promise<unknown> => {
    const schema = `k${killAt}`;
    const { signal } = await child({ ...order, schema, killAt }).ended;
    const of = createMigrator({ module: moduleOf(schema, migrations), url: database.url });
    await of.apply();
    const [found] = await sql<object>(`select
      (select json_object_agg(what, times) from (select what, count(*) as times from ${schema}.seen group by 1)) as seen,
      (select json_build_array(count(*), sum(k)) from ${schema}.t) as t,
      (select rows_done::int from ${schema}.schema_migrations where category = 'data') as touched`);
    return { event: whole.lines[killAt - 1], signal, clean: (await of.verify()).clean, ...found };
  };
  const right = { signal: "SIGKILL", clean: true, seen: { "001": 1, "002": 1, S001: 1, DM001: 1 } };
  const results: unknown[] = [];
  const numbers = whole.lines.keys();
  const lane = async (): Promise<void> => {
    for (const at of numbers) results[at] = await killedAt(at + 1);
  };
  await Promise.all([lane(), lane(), lane()]);
  expect(results).toEqual(whole.lines.map((event) => ({ event, ...right, t: [2500, -3_126_250], touched: 2501 })));
});

describe("an index built concurrently", () => {
  const build = { "001_t.sql": "create table t (id int); insert into t values (1), (1);" };
  const index = "-- stella: no-transaction\ncreate unique index concurrently uq_t_id on t (id);";

  test("that a failed build left is dropped and rebuilt once the cause is gone", async () => {
    const events: MigrationEvent[] = [];
    const path = await folder({ ...build, "002_i.sql": index });
    const of = createMigrator({
      module: moduleOf("dup", path),
      url: database.url,
      onEvent: (event) => events.push(event),
    });
    await expect(of.apply()).rejects.toMatchObject(
      failing("MIGRATION_FAILED", /^002_i\.sql:2: could not create unique index/),
    );
    expect(await of.verify()).toMatchObject({ clean: false, pending: ["002_i.sql"], invalidIndexes: ["dup.uq_t_id"] });
    expect((await of.status()).files[1]).toMatchObject({
      state: "running",
      ledger: { cursor: { done: 0, begun: true } },
    });
    await sql("delete from dup.t where ctid = (select min(ctid) from dup.t)");
    expect(await of.apply()).toMatchObject({ applied: [{ name: "002_i.sql" }] });
    expect(events.filter(({ kind }) => kind === "rebuilding")).toEqual([
      { kind: "rebuilding", file: "002_i.sql", index: '"dup"."uq_t_id"' },
    ]);
    expect(await of.verify()).toMatchObject({ clean: true });
  });

  /** The process id of the one backend that builds an index here. */
  const builder = (): Promise<number> =>
    vi.waitFor(
      async () => {
        const rows = await sql<{ pid: number }>(
          "select pid from pg_stat_progress_create_index where datname = current_database()",
        );
        expect(rows.length).toBe(1);
        return rows[0]?.pid ?? 0;
      },
      { timeout: 10_000, interval: 20 },
    );
  /** An open transaction that the build has to wait for. */
  const blocked = (schema: string, work: (release: () => Promise<unknown>) => Promise<void>): Promise<void> =>
    withPostgres(database.url, async (blocker) => {
      await blocker.query(`begin; insert into ${schema}.t values (1)`);
      await work(() => blocker.query("commit"));
    });

  test("whose backend died is rebuilt", async () => {
    const path = await folder({ "001_t.sql": "create table t (id int);" });
    const events: MigrationEvent[] = [];
    const of = createMigrator({
      module: moduleOf("dead", path),
      url: database.url,
      onEvent: (event) => events.push(event),
    });
    await of.apply();
    await put(path, { "002_i.sql": index });
    await blocked("dead", async (release) => {
      const lost = of.apply().catch((error: unknown) => error);
      await sql(`select pg_terminate_backend(${await builder()})`);
      expect(await lost).toMatchObject({ code: "MIGRATION_CONNECTION_LOST", family: "unavailable" });
      expect(await of.verify()).toMatchObject({ invalidIndexes: ["dead.uq_t_id"] });
      await release();
    });
    await of.apply();
    expect(events.filter(({ kind }) => kind === "rebuilding").length).toBe(1);
    expect(await of.verify()).toMatchObject({ clean: true });
  });

  test("whose process died is waited for, since its server goes on, and not built again", async () => {
    const path = await folder({ "001_t.sql": "create table t (id int);" });
    const kinds: string[] = [];
    let waiting = (): void => {};
    const waits = new Promise<void>((resolve) => (waiting = resolve));
    const onEvent = ({ kind }: MigrationEvent): void => {
      kinds.push(kind);
      if (kind === "waiting") waiting();
    };
    const of = createMigrator({ module: moduleOf("orphan", path), url: database.url, onEvent });
    await of.apply();
    await put(path, { "002_i.sql": index });
    kinds.length = 0;
    await blocked("orphan", async (release) => {
      const dying = child({ url: database.url, schema: "orphan", migrations: path, hosts: 0 });
      await builder();
      dying.process.kill("SIGKILL");
      await dying.ended;
      const next = of.apply();
      await waits;
      expect((await of.status()).running.schema).toMatchObject({ application: "stella-data migrate" });
      await release();
      await next;
    });
    expect(new Set(kinds)).toEqual(new Set(["waiting", "file", "recording", "applied"]));
    expect(await of.verify()).toMatchObject({ clean: true });
  });

  test("may be corrected below what is done, not above", async () => {
    const done = "-- stella: no-transaction\ninsert into t values (7);\n";
    const path = await folder({
      "001_t.sql": "create table t (id int);",
      "002_i.sql": `${done}create index concurrently i on t (nothing);`,
    });
    const of = createMigrator({ module: moduleOf("mend", path), url: database.url });
    await expect(of.apply()).rejects.toMatchObject(failing("MIGRATION_FAILED", /^002_i\.sql:3: column "nothing"/));
    await put(path, {
      "002_i.sql": "-- stella: no-transaction\ninsert into t values (8);\ncreate index concurrently i on t (id);",
    });
    await expect(of.apply()).rejects.toMatchObject({ code: "MIGRATION_EDITED" });
    await put(path, { "002_i.sql": `${done}create index concurrently i on t (id);` });
    await of.apply();
    expect(await of.verify()).toMatchObject({ clean: true });
    expect(await sql("select id from mend.t")).toEqual([{ id: 7 }]);
  });
});

test("a lost connection loses the lock, aborts, and keeps nothing of the file", async () => {
  const path = await folder({
    "001_t.sql": "create table t (id int);\nselect pg_terminate_backend(pg_backend_pid());",
  });
  const of = createMigrator({ module: moduleOf("lost", path), url: database.url });
  await expect(of.apply()).rejects.toMatchObject({ code: "MIGRATION_CONNECTION_LOST" });
  expect(await sql("select from pg_tables where schemaname = 'lost' and tablename = 't'")).toEqual([]);
  await put(path, { "001_t.sql": "create table t (id int);" });
  expect((await of.apply()).applied.length).toBe(1);
});
