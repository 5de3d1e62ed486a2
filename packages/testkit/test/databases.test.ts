import { loginRole, mongoDatabase, postgresDatabase, roleUrl, withMongo, withPostgres } from "@stellaops/testkit";
import type { MongoDatabase, PostgresDatabase } from "@stellaops/testkit";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe("postgresDatabase", () => {
  let prepared = 0;
  const databases: PostgresDatabase[] = [];
  const open = async (): Promise<PostgresDatabase> => {
    const database = await postgresDatabase({
      template: "databases_test",
      prepare: (url) =>
        withPostgres(url, async (client) => {
          prepared += 1;
          await client.query("create table notes (body text primary key)");
        }),
    });
    databases.push(database);
    return database;
  };

  beforeAll(async () => void (await Promise.all([open(), open(), open()])));
  afterAll(async () => {
    for (const database of databases) {
      await database.expectNoLeaks();
      await database.drop();
    }
  });

  it("prepares a template once and clones it", async () => {
    expect(prepared).toBe(1);
    const [first, second] = databases as [PostgresDatabase, PostgresDatabase];
    await withPostgres(first.url, (client) => client.query("insert into notes values ('a')"));
    const { rowCount } = await withPostgres(second.url, (client) => client.query("select from notes"));
    expect(rowCount).toBe(0);
  });

  it("keeps what it acknowledged, and orders text by language unless told otherwise", async () => {
    const { rows } = await withPostgres(databases[0]!.url, (client) =>
      client.query(
        `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
                (select array_agg(v order by v) from (values ('B'), ('a')) t(v)) as ordered`,
      ),
    );
    expect(rows).toEqual([{ fsync: "on", commit: "on", ordered: ["a", "B"] }]);
  });

  it("makes one role for all who ask at once", async () => {
    const roles = await Promise.all(Array.from({ length: 5 }, () => loginRole("testkit_reader")));
    const url = roleUrl(databases[0]!.url, roles[0]!.name, roles[4]!.password);
    const { rows } = await withPostgres(url, (client) => client.query("select current_user"));
    expect(rows).toEqual([{ current_user: "testkit_reader" }]);
  });

  it("names a session that was left open", async () => {
    await withPostgres(databases[2]!.url, async (client) => {
      await client.query("select 'left open'");
      await expect(databases[2]!.expectNoLeaks(100)).rejects.toThrow("left open");
    });
  });
});

describe("mongoDatabase", () => {
  let database: MongoDatabase;
  beforeAll(async () => void (database = await mongoDatabase()));
  afterAll(() => database.drop());

  it("has transactions and acknowledges by journal and majority", async () => {
    await withMongo(database.url, async (client) => {
      const notes = client.db().collection("notes");
      await client.withSession((session) =>
        session.withTransaction(() => notes.insertOne({ body: "a" }, { session }), {
          writeConcern: { w: "majority", journal: true },
        }),
      );
      expect(client.db().databaseName).toBe(database.name);
      expect(await notes.countDocuments()).toBe(1);
    });
    await database.expectNoLeaks();
  });

  it("names a client that was left open", async () => {
    const client = await new MongoClient(database.url).connect();
    await client.db().command({ ping: 1 });
    await expect(database.expectNoLeaks(100)).rejects.toThrow("still open");
    await client.close();
    await database.expectNoLeaks();
  });
});
