import { postgresDatabase, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createMigrator, type Migrator } from "../src/index.ts";
import { failing, folder, moduleOf, put, remove } from "./support.ts";

let database: PostgresDatabase;
beforeAll(async () => void (database = await postgresDatabase()));
afterEach(() => database.expectNoLeaks());
afterAll(() => database.drop());

let schemas = 0;
async function migrator(files: Record<string, string>): Promise<{ of: Migrator; path: string; schema: string }> {
  const path = await folder(files);
  const schema = `m${(schemas += 1)}`;
  return { of: createMigrator({ module: moduleOf(schema, path), url: database.url }), path, schema };
}
const rows = (sql: string): Promise<unknown[]> =>
  withPostgres(database.url, async (client) => (await client.query(sql)).rows);

const basic = {
  "001_tables.sql": "create table a (id int primary key); create table b (id int);",
  "100_more.sql": "alter table a add column x int;",
  "S001_rows.sql": "insert into a values (1) on conflict do nothing;",
};

describe("apply", () => {
  test("applies everything once, in order, and records it", async () => {
    const { of, schema } = await migrator(basic);
    expect((await of.apply()).applied.map(({ name }) => name)).toEqual(Object.keys(basic));
    expect((await of.apply()).applied).toEqual([]);
    expect(
      await rows(`select migration_name, category, state, applied_by, length(checksum) as length, applied_at <= now() as past
      from ${schema}.schema_migrations order by 1`),
    ).toEqual(
      [
        ["001_tables.sql", "startup"],
        ["100_more.sql", "release"],
        ["S001_rows.sql", "seed"],
      ].map(([migration_name, category]) => ({
        migration_name,
        category,
        state: "applied",
        applied_by: "postgres",
        length: 64,
        past: true,
      })),
    );
    expect(await of.verify()).toEqual({ clean: true, problems: [], pending: [], invalidIndexes: [] });
  });

  test("tells what is pending without touching anything", async () => {
    const { of, schema } = await migrator(basic);
    const { applied, pending } = await of.apply({ dryRun: true });
    expect([applied, pending.map(({ name }) => name)]).toEqual([[], Object.keys(basic)]);
    expect((await of.plan()).pending.length).toBe(3);
    expect(await of.verify()).toMatchObject({ clean: false, pending: Object.keys(basic) });
    expect(await rows(`select 1 from pg_namespace where nspname = '${schema}'`)).toEqual([]);
  });

  test("applies only the wanted categories, and none before one that it needs", async () => {
    const { of } = await migrator(basic);
    await expect(of.apply({ categories: ["seed"] })).rejects.toMatchObject(
      failing(
        "MIGRATION_ORDER",
        "001_tables.sql is pending and comes before S001_rows.sql; apply its category (startup) too",
      ),
    );
    expect((await of.apply({ categories: ["startup"] })).applied.map(({ name }) => name)).toEqual(["001_tables.sql"]);
    expect((await of.status()).files.map(({ state }) => state)).toEqual(["applied", "pending", "pending"]);
  });

  test("keeps nothing of a file that fails, and names file and line", async () => {
    const { of, path, schema } = await migrator({
      "001_a.sql": "create table a (id int);\n\n-- é;\ninsert into a\nvalues ('x;y');",
    });
    await expect(of.apply()).rejects.toMatchObject(
      failing("MIGRATION_FAILED", /^001_a\.sql:4: invalid input syntax for type integer/),
    );
    expect(await rows(`select from pg_tables where schemaname = '${schema}' and tablename = 'a'`)).toEqual([]);
    expect(await rows(`select from ${schema}.schema_migrations`)).toEqual([]);
    await put(path, { "001_a.sql": "create table a (id int);" });
    expect((await of.apply()).applied.length).toBe(1);
  });

  test.each([
    ["syntax", "select 1;\nselct 2;", "MIGRATION_SYNTAX", /^001_a\.sql:2: syntax error/],
    ["commit", "select 1;\ncommit;", "MIGRATION_FORM", /^001_a\.sql:2: begin and end/],
    ["set", "set search_path = public;", "MIGRATION_FORM", /write SET LOCAL/],
    ["concurrently", "create index concurrently i on a (id);", "MIGRATION_FORM", /no-transaction/],
    ["vacuum", "vacuum;", "MIGRATION_FORM", /no-transaction/],
    ["database", "-- stella: no-transaction\ncreate database x;", "MIGRATION_FORM", /not supported/],
    ["nameless", "-- stella: no-transaction\ncreate index concurrently on a (id);", "MIGRATION_FORM", /needs a name/],
  ])("refuses %s before anything runs", async (_, text, code, message) => {
    const { of, schema } = await migrator({ "001_a.sql": text });
    await expect(of.apply()).rejects.toMatchObject(failing(code, message));
    expect(await rows(`select from ${schema}.schema_migrations`)).toEqual([]);
  });

  test("pins the search path and role for every file", async () => {
    const { of, schema } = await migrator({
      "001_a.sql": "set local search_path = pg_catalog; select 1;",
      "002_b.sql": "create table here (id int);",
    });
    await of.apply();
    expect(await rows(`select schemaname from pg_tables where tablename = 'here'`)).toEqual([{ schemaname: schema }]);
  });
});

describe("a folder that does not fit the ledger is refused", () => {
  const cases: readonly [string, (path: string) => Promise<unknown>, string, string | RegExp][] = [
    [
      "edited",
      (path) => put(path, { "001_tables.sql": "select 1;" }),
      "MIGRATION_EDITED",
      /^001_tables\.sql was edited after it had been applied/,
    ],
    [
      "missing",
      (path) => remove(path, "001_tables.sql"),
      "MIGRATION_MISSING",
      /^001_tables\.sql is in the ledger but not in the folder/,
    ],
    [
      "renamed",
      async (path) => {
        await remove(path, "001_tables.sql");
        await put(path, { "001_base.sql": basic["001_tables.sql"] });
      },
      "MIGRATION_RENAMED",
      "001_tables.sql was renamed to 001_base.sql after it had been applied; give it its old name back",
    ],
    [
      "renumbered",
      async (path) => {
        await remove(path, "001_tables.sql");
        await put(path, { "003_tables.sql": basic["001_tables.sql"] });
      },
      "MIGRATION_RENAMED",
      /renamed to 003_tables/,
    ],
    [
      "renamed and edited",
      async (path) => {
        await remove(path, "001_tables.sql");
        await put(path, { "001_base.sql": "select 1;" });
      },
      "MIGRATION_RENAMED",
      /renamed to 001_base.sql and edited/,
    ],
    [
      "reordered",
      async (path) => put(path, { "098_late.sql": "select 1;", "099_last.sql": "select 1" }),
      "MIGRATION_REORDERED",
      "098_late.sql is new but stands before 099_last.sql, which is applied; give it the next free number",
    ],
    ["misnamed", (path) => put(path, { "V3__x.sql": "select 1;" }), "MIGRATION_MISNAMED", /^V3__x\.sql is refused/],
  ];
  test.each(cases)("%s", async (name, change, code, message) => {
    const { of, path } = await migrator(name === "reordered" ? { ...basic, "099_last.sql": "select 1" } : basic);
    await of.apply();
    await change(path);
    await expect(of.apply()).rejects.toMatchObject(failing(code, message));
    const { clean, problems } = await of.verify();
    expect([clean, problems.map((problem) => problem.code)]).toEqual([false, [code]]);
    expect((await of.status()).problems.length).toBe(1);
  });

  test("all problems are told at once", async () => {
    const { of, path } = await migrator(basic);
    await of.apply();
    await put(path, { "001_tables.sql": "select 1;", "x.sql": "" });
    await remove(path, "S001_rows.sql");
    await expect(of.apply()).rejects.toMatchObject(failing("MIGRATION_MISNAMED", /x\.sql is refused/));
    await remove(path, "x.sql");
    await expect(of.apply()).rejects.toMatchObject(
      failing("MIGRATION_EDITED", /001_tables[^]*\nS001_rows\.sql is in the ledger/),
    );
  });
});

describe("repair", () => {
  test("accepts a reviewed edit, and nothing else", async () => {
    const { of, path } = await migrator(basic);
    await of.apply();
    await put(path, { "001_tables.sql": `-- a comment\n${basic["001_tables.sql"]}` });
    expect(await of.repair({ accept: ["001_tables.sql"], dryRun: true })).toEqual([
      { kind: "accept", name: "001_tables.sql" },
    ]);
    await expect(of.apply()).rejects.toMatchObject({ code: "MIGRATION_EDITED" });
    await of.repair({ accept: ["001_tables.sql"] });
    expect((await of.apply()).applied).toEqual([]);
    await expect(of.repair({ accept: ["009_x.sql"] })).rejects.toMatchObject({ code: "MIGRATION_REPAIR_REFUSED" });
    await expect(of.repair({ forget: ["001_tables.sql"] })).rejects.toMatchObject({ code: "MIGRATION_REPAIR_REFUSED" });
  });
});

test("an abort cancels the statement that is running and rolls its file back", async () => {
  const path = await folder({ "001_slow.sql": "create table t (id int);\nselect pg_sleep(60);" });
  const stop = new AbortController();
  const of = createMigrator({
    module: moduleOf("aborted", path),
    url: database.url,
    signal: stop.signal,
    onEvent: (event) =>
      event.kind === "statement" && event.line === 2 && setImmediate(() => stop.abort(new Error("enough"))),
  });
  await expect(of.apply()).rejects.toThrow("enough");
  expect(await rows("select from pg_tables where schemaname = 'aborted' and tablename = 't'")).toEqual([]);
});

test("a mistake in the caller's own listener is not taken for a lost connection", async () => {
  const onEvent = (): never => {
    throw new TypeError("a mistake");
  };
  const of = createMigrator({ module: moduleOf("listener", await folder(basic)), url: database.url, onEvent });
  await expect(of.apply()).rejects.toThrow("a mistake");
});

test("a server that is not there is told, without the password", async () => {
  const url = "postgres://someone:secret@127.0.0.1:1/x";
  const of = createMigrator({ module: moduleOf("m", await folder(basic)), url });
  const error: unknown = await of.apply().catch((cause: unknown) => cause);
  expect(error).toMatchObject({ code: "POSTGRES_UNREACHABLE", family: "unavailable" });
  expect(String(error)).not.toContain("secret");
});
