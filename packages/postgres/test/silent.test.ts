import { tenantId } from "@stellaops/kernel";
import { postgresDatabase, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { proxyTo, type Proxy } from "@stellaops/testkit/proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openPostgres, singleUnit, Text, transaction, type Postgres, type PostgresOptions } from "../src/index.ts";

const tenant = tenantId("acme");
const two = new Text("select 2 as answer");

let database: PostgresDatabase;
let proxy: Proxy;
beforeAll(async () => {
  database = await postgresDatabase();
  proxy = await proxyTo(database.url);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await database.expectNoLeaks();
  await database.drop();
});

const lost = { code: "CONNECTION_LOST", family: "transient" };
const answer = [[{ answer: 2 }]];
const idle = (pool: Postgres["pool"], connections: number) =>
  Promise.all(Array.from({ length: connections }, () => pool.query("select pg_sleep(0.1)")));
async function opened(options: Omit<PostgresOptions, "url">, work: (postgres: Postgres) => Promise<void>) {
  const postgres = openPostgres({ url: proxy.url, max: 2, ...options });
  try {
    await work(postgres);
  } finally {
    await postgres.close();
  }
}

describe("connections that are silently forgotten", () => {
  it("are given up and replaced, one by one", async () => {
    await opened({ statementTimeoutMs: 300 }, async ({ pool }) => {
      await idle(pool, 2);
      proxy.forget();
      const read = singleUnit(pool, { tenant, writes: false });
      const unit = transaction(pool, { tenant, capMs: 200 }, ({ run }) => run([two.bind([])]));
      await Promise.all([
        expect(read.run([two.bind([])])).rejects.toMatchObject(lost),
        expect(unit).rejects.toMatchObject(lost),
      ]);
      expect((await read.run([two.bind([])])).map(({ rows }) => rows)).toEqual(answer);
    });
  });

  it("are given up by plain statements of a pool whose statements are short", async () => {
    await opened({ answerMs: 500 }, async ({ pool, ping }) => {
      await idle(pool, 2);
      proxy.forget();
      const told = { code: "CONNECTION_LOST", family: "unavailable" };
      await Promise.all([1, 2].map(() => expect(ping()).rejects.toMatchObject(told)));
      await ping();
    });
  });

  it("do not keep a lost COMMIT from being settled", async () => {
    await opened({}, async ({ pool }) => {
      await idle(pool, 2);
      const told = transaction(pool, { tenant, commitMs: 2_500 }, async ({ run }) => {
        await run([two.bind([])]);
        proxy.forget();
      });
      await expect(told).rejects.toMatchObject(lost);
    });
  });
});

describe("an aborted statement", () => {
  const long = new Text("select pg_sleep(60)");
  const running = (): Promise<number> =>
    withPostgres(database.admin(), async (client) => {
      const { rows } = await client.query(
        "select from pg_stat_activity where datname = $1 and state = 'active' and query = $2",
        [database.name, long.text],
      );
      return rows.length;
    });
  const aborted = (pool: Postgres["pool"], { signal }: AbortController) =>
    expect(transaction(pool, { tenant, signal }, ({ run }) => run([long.bind([])]))).rejects.toThrow("given up");

  it.each(["answers", "is silent"])(
    "is told, and ended at the server, when every connection has one and %s",
    async (how) => {
      await opened({ connectTimeoutMs: 60_000 }, async ({ pool }) => {
        const stop = new AbortController();
        const both = Promise.all([aborted(pool, stop), aborted(pool, stop)]);
        await expect.poll(running, { timeout: 30_000 }).toBe(2);
        if (how === "is silent") proxy.forget();
        stop.abort(new Error("given up"));
        await both;
        await expect.poll(running, { timeout: 30_000 }).toBe(0);
        const read = singleUnit(pool, { tenant, writes: false });
        expect((await read.run([two.bind([])])).map(({ rows }) => rows)).toEqual(answer);
      });
    },
  );
});
