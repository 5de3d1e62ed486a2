import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tenantId } from "@stellaops/kernel";
import { postgresDatabase, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { openPostgres, singleUnit, Text, transaction, type Postgres } from "../src/index.ts";

const tenant = tenantId("acme");
const insert = new Text("insert into notes (tenant, body) values ($1, $2)");
const bodies = new Text("select body from notes order by body");
const who = new Text("select current_setting('app.tenant_id') as tenant");
const divide = new Text("select 1 / $1::int as result");
const sleep = new Text("select pg_sleep($1)");

let database: PostgresDatabase;
let postgres: Postgres;

beforeAll(async () => {
  database = await postgresDatabase({
    prepare: (url) =>
      withPostgres(
        url,
        async (client) => void (await client.query("create table notes (tenant text, body text unique)")),
      ),
  });
  postgres = openPostgres({ url: database.url, max: 2 });
});
beforeEach(() => withPostgres(database.url, async (client) => void (await client.query("truncate notes"))));
afterAll(async () => {
  await postgres.close();
  await database.expectNoLeaks();
  await database.drop();
});

const stored = async (): Promise<readonly unknown[]> => {
  const [result] = await singleUnit(postgres.pool, { tenant }).run([bodies.bind([])]);
  return (result?.rows ?? []).map(({ body }) => body);
};

describe("a unit of one flush", () => {
  it("scopes exactly its own statements to the tenant", async () => {
    const [result] = await singleUnit(postgres.pool, { tenant }).run([who.bind([])]);
    expect(result?.rows).toEqual([{ tenant: "acme" }]);
    const { rows } = await postgres.pool.query("select current_setting('app.tenant_id', true) as tenant");
    expect(rows[0].tenant === "" || rows[0].tenant === null).toBe(true);
  });

  it("stores all of it or nothing, and its statements stay usable after a failure", async () => {
    const unit = singleUnit(postgres.pool, { tenant });
    for (let round = 0; round < 4; round += 1) {
      await expect(unit.run([insert.bind(["acme", "x"]), divide.bind([0])])).rejects.toMatchObject({
        code: "VALUE_REFUSED_BY_SERVER",
        family: "programming",
      });
      expect(await stored()).toEqual([]);
      const [, divided] = await unit.run([insert.bind(["acme", `round ${round}`]), divide.bind([1])]);
      expect(divided?.rows).toEqual([{ result: 1 }]);
      await withPostgres(database.url, async (client) => void (await client.query("truncate notes")));
    }
  });

  it("sends nothing of a batch in which a value cannot be encoded, and the connection stays usable", async () => {
    const unit = singleUnit(postgres.pool, { tenant });
    const bad = insert.bind(["acme", new Date(Number.NaN)]);
    for (let round = 0; round < 4; round += 1)
      await expect(unit.run([insert.bind(["acme", "x"]), bad])).rejects.toThrow("Invalid time value");
    expect(await stored()).toEqual([]);
  });

  it("gives the results of its own statements only, in order", async () => {
    const results = await singleUnit(postgres.pool, { tenant }).run([
      insert.bind(["acme", "b"]),
      insert.bind(["acme", "a"]),
      bodies.bind([]),
    ]);
    expect(results.map(({ count }) => count)).toEqual([1, 1, 2]);
    expect(results[2]?.rows).toEqual([{ body: "a" }, { body: "b" }]);
  });

  it("maps a unique violation to the name of its constraint", async () => {
    const unit = singleUnit(postgres.pool, { tenant });
    await expect(unit.run([insert.bind(["acme", "x"]), insert.bind(["acme", "x"])])).rejects.toMatchObject({
      code: "UNIQUE_VIOLATION",
      family: "integrity",
      details: { constraint: "notes_body_key" },
    });
  });
});

describe("a unit of several round trips", () => {
  it("commits at its end and rolls back when the work throws", async () => {
    await transaction(postgres.pool, { tenant }, async (unit) => {
      await unit.run([insert.bind(["acme", "kept"])]);
      const [seen] = await unit.run([bodies.bind([])]);
      expect(seen?.rows).toEqual([{ body: "kept" }]);
    });
    const failing = transaction(postgres.pool, { tenant }, async (unit) => {
      await unit.run([insert.bind(["acme", "gone"])]);
      throw new Error("the work failed");
    });
    await expect(failing).rejects.toThrow("the work failed");
    expect(await stored()).toEqual(["kept"]);
  });

  it("says so when an error was swallowed and nothing could be stored", async () => {
    const work = transaction(postgres.pool, { tenant }, async (unit) => {
      await unit.run([insert.bind(["acme", "gone"])]);
      await unit.run([divide.bind([0])]).catch(() => undefined);
    });
    await expect(work).rejects.toMatchObject({ code: "TRANSACTION_ABORTED" });
    expect(await stored()).toEqual([]);
  });

  it("sends nothing for work that asks nothing", async () => {
    expect(await transaction(postgres.pool, { tenant }, () => Promise.resolve(7))).toBe(7);
  });
});

describe("what goes wrong outside", () => {
  const untilSleeping = async (): Promise<number> => {
    for (;;) {
      const found = await withPostgres(database.admin(), async (client) => {
        const { rows } = await client.query(
          "select pid from pg_stat_activity where datname = $1 and wait_event = 'PgSleep'",
          [database.name],
        );
        return rows[0]?.pid as number | undefined;
      });
      if (found !== undefined) return found;
    }
  };

  it("an abort cancels the statement at the server and leaves the connection usable", async () => {
    const abort = new AbortController();
    const reason = new Error("the caller has gone");
    const running = singleUnit(postgres.pool, { tenant, signal: abort.signal }).run([sleep.bind([60])]);
    const ended = running.catch((error: unknown) => error);
    await untilSleeping();
    abort.abort(reason);
    expect(await ended).toBe(reason);
    expect(await stored()).toEqual([]);
  });

  it("a statement over its time is ended by the server, as a transient error", async () => {
    const hurried = openPostgres({ url: database.url, max: 1, statementTimeoutMs: 50 });
    await expect(singleUnit(hurried.pool, { tenant }).run([sleep.bind([60])])).rejects.toMatchObject({
      code: "STATEMENT_TIMEOUT",
      family: "transient",
    });
    await hurried.close();
  });

  it("a connection that is cut before COMMIT has stored nothing, under a write as under a read", async () => {
    for (const writes of [true, false]) {
      const running = singleUnit(postgres.pool, { tenant, writes }).run([sleep.bind([60])]);
      const ended = running.catch((error: unknown) => error);
      const pid = await untilSleeping();
      await withPostgres(
        database.admin(),
        async (client) => void (await client.query("select pg_terminate_backend($1)", [pid])),
      );
      expect(await ended).toMatchObject({ code: "CONNECTION_LOST", family: "transient" });
      expect(await stored()).toEqual([]);
    }
  });

  it("a server that cannot be reached, a wrong password and a missing database are told apart", async () => {
    const codeOf = async (url: string): Promise<unknown> => {
      const wrong = openPostgres({ url, max: 1, connectTimeoutMs: 2_000 });
      const code = await wrong.ping().then(
        () => "reached",
        (error: { code: string; family: string }) => `${error.family} ${error.code}`,
      );
      await wrong.close();
      return code;
    };
    const at = (change: Partial<URL>): string => Object.assign(new URL(database.url), change).href;
    expect(await codeOf(at({ port: "1" }))).toBe("unavailable CONNECTION_LOST");
    expect(await codeOf(at({ password: "wrong" }))).toBe("unavailable LOGIN_REFUSED");
    expect(await codeOf(at({ pathname: "/there_is_none" }))).toBe("unavailable DATABASE_MISSING");
  });
});
