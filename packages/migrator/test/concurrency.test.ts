import { postgresDatabase, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createMigrator } from "../src/index.ts";
import { child } from "./children.ts";
import { folder, moduleOf } from "./support.ts";

let database: PostgresDatabase;
beforeAll(async () => void (database = await postgresDatabase()));
afterEach(() => database.expectNoLeaks());
afterAll(() => database.drop());

const processes = 10;
/** Of each process, every one with connections of its own: fifty starts, without the price of fifty node processes. */
const hosts = 5;

test(
  "fifty services starting at once apply each file exactly once, without deadlock",
  { timeout: 120_000 },
  async () => {
    const migrations = await folder({
      "001_tables.sql":
        "create table seen (what text); create table t (id int, k int); insert into seen values ('001');",
      "002_rows.sql": "insert into t select i from generate_series(1, 20000) i; insert into seen values ('002');",
      "003_index.sql":
        "-- stella: no-transaction\ncreate index concurrently idx_t_id on t (id);\ninsert into seen values ('003');",
      "004_more.sql": "alter table t add column x int; insert into seen values ('004');",
      "005_unique.sql": "-- stella: no-transaction\ncreate unique index concurrently uq_t_id on t (id);",
      "S001_rows.sql": "insert into seen values ('S001');",
      "DM001_k.sql":
        "-- stella: batch\nupdate t set k = coalesce(k, 0) + 1 where id in (select id from t where k is null limit $1);",
    });
    const children = Array.from({ length: processes }, () =>
      child({ url: database.url, schema: "fifty", migrations, hosts }),
    );
    await Promise.all(children.map((one) => one.line("ready")));
    for (const one of children) one.process.stdin.write("go\n");
    const ended = await Promise.all(children.map((one) => one.ended));
    expect(ended.map(({ code, errors }) => [code, errors])).toEqual(children.map(() => [0, ""]));

    const told = ended.map(({ lines }) => JSON.parse(lines.at(-1) ?? "") as { applied: string[]; data: string[] });
    const startFiles = [
      "001_tables.sql",
      "002_rows.sql",
      "003_index.sql",
      "004_more.sql",
      "005_unique.sql",
      "S001_rows.sql",
    ];
    expect(told.flatMap(({ applied }) => applied).toSorted()).toEqual(startFiles);
    expect(told.flatMap(({ data }) => data)).toEqual(Array.from({ length: processes * hosts }, () => "done"));
    await withPostgres(database.url, async (client) => {
      expect(
        (await client.query("select what from fifty.seen order by 1")).rows.map(({ what }) => what as string),
      ).toEqual(["001", "002", "003", "004", "S001"]);
      expect(
        (await client.query("select count(*)::int as n, min(k) as low, max(k) as high from fifty.t")).rows,
      ).toEqual([{ n: 20_000, low: 1, high: 1 }]);
    });
    expect(await createMigrator({ module: moduleOf("fifty", migrations), url: database.url }).verify()).toMatchObject({
      clean: true,
    });
  },
);
