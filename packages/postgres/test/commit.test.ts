import { tenantId } from "@stellaops/kernel";
import { loginRole, postgresDatabase, roleUrl, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { postgresFaults, type PostgresFault, type PostgresMoment, type WireProxy } from "@stellaops/testkit/faults";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openPostgres, singleUnit, Text, transaction, type Postgres } from "../src/index.ts";

const tenant = tenantId("acme");
const append = new Text("insert into counts (at) values (now()) returning 7 as answer");
const all = new Text("select count(*) as count from counts");

let database: PostgresDatabase;
let proxy: WireProxy;
let postgres: Postgres;
/** Taken from the front: what happens to the next COMMIT, or to the next flush of work. */
let faults: PostgresFault[] = [];
let moment: PostgresMoment = "commit";

beforeAll(async () => {
  database = await postgresDatabase({
    prepare: (url) =>
      withPostgres(url, async (client) => {
        await client.query(`create table counts (at timestamptz);
create table twice (id int unique deferrable initially deferred)`);
        await client.query("grant select, insert on counts, twice to public");
      }),
  });
  // As a service logs in: what settles a COMMIT must be open to it.
  const login = await loginRole("commit_service", {});
  proxy = await postgresFaults(roleUrl(database.url, login.name, login.password), (at) =>
    at === moment ? faults.shift() : undefined,
  );
  // One connection: the lost one has to be given up before another can ask.
  postgres = openPostgres({ url: proxy.url, max: 1, connectTimeoutMs: 5_000 });
});
beforeEach(async () => {
  [faults, moment] = [[], "commit"];
  await withPostgres(database.url, async (client) => void (await client.query("truncate counts, twice")));
});
afterAll(async () => {
  await postgres.close();
  await proxy[Symbol.asyncDispose]();
  await database.expectNoLeaks();
  await database.drop();
});

const stored = (): Promise<number> =>
  withPostgres(database.url, async (client) => Number((await client.query(all.text)).rows[0].count));
const verb = async (): Promise<unknown> => {
  const [result] = await singleUnit(postgres.pool, { tenant }).run([append.bind([])]);
  return result?.rows[0]?.["answer"];
};
const unit = (): Promise<string> =>
  transaction(postgres.pool, { tenant }, async ({ run }) => {
    await run([append.bind([])]);
    await run([append.bind([])]);
    return "both";
  });

describe("a connection that is lost in COMMIT", () => {
  it("gives the answer of the verb, once, when the server had carried it out", async () => {
    faults = ["answer lost"];
    expect(await verb()).toBe(7);
    expect(await stored()).toBe(1);
    faults = ["answer lost"];
    expect(await unit()).toBe("both");
    expect([await stored(), faults]).toEqual([3, []]);
  });

  it.each(["cut", "cut, server kept"] as const)(
    "is transient when COMMIT never came to the server (%s)",
    async (fault) => {
      faults = [fault];
      await expect(verb()).rejects.toMatchObject({ code: "CONNECTION_LOST", family: "transient" });
      faults = [fault];
      await expect(unit()).rejects.toMatchObject({ code: "CONNECTION_LOST", family: "transient" });
      expect([await stored(), faults]).toEqual([0, []]);
    },
  );

  it("is one or the other when nobody saw, and the caller is told which", async () => {
    for (let round = 0; round < 20; round += 1) {
      const before = await stored();
      faults = ["cut in flight"];
      const told = await verb().catch((error: { readonly family: string }) => error.family);
      expect(told).toBe((await stored()) === before ? "transient" : 7);
    }
  });

  it("is settled also when the server falls silent", async () => {
    faults = ["silence"];
    const [result] = await singleUnit(postgres.pool, { tenant, commitMs: 500 }).run([append.bind([])]);
    expect([result?.rows, await stored()]).toEqual([[{ answer: 7 }], 1]);
  });

  it("stays unknown when no server answers until the deadline", async () => {
    const away = openPostgres({ url: proxy.url, max: 1, connectTimeoutMs: 200 });
    const told = transaction(away.pool, { tenant, commitMs: 300 }, async ({ run }) => {
      await run([append.bind([])]);
      moment = "login";
      faults = Array.from({ length: 1_000 }, () => "cut" as const);
      await withPostgres(
        database.admin(),
        async (client) =>
          void (await client.query(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
            [database.name],
          )),
      );
    });
    await expect(told).rejects.toMatchObject({ code: "COMMIT_UNKNOWN", family: "unknown-outcome" });
    faults = [];
    await away.close();
  });
});

describe("what is certain without asking", () => {
  it("a connection lost before COMMIT has stored nothing, and is worth another try", async () => {
    for (const fault of ["cut", "cut in flight", "answer lost"] as const) {
      moment = "work";
      faults = [fault];
      await expect(verb()).rejects.toMatchObject({ family: "transient" });
      moment = "commit";
      expect(await stored()).toBe(0);
    }
  });

  it("an error that COMMIT itself answers is the error of the unit", async () => {
    const twice = new Text("insert into twice values (1), (1)");
    await expect(singleUnit(postgres.pool, { tenant }).run([twice.bind([])])).rejects.toMatchObject({
      code: "UNIQUE_VIOLATION",
      details: { constraint: "twice_id_key" },
    });
    faults = [{ sqlstate: "40001" }];
    await expect(verb()).rejects.toMatchObject({ code: "SERIALIZATION_FAILURE", family: "transient" });
    expect([await verb(), await stored()]).toEqual([7, 1]);
  });

  it("a shutdown in COMMIT is settled, for a committed transaction may be told the same", async () => {
    faults = [{ sqlstate: "57P01", fatal: true }];
    await expect(verb()).rejects.toMatchObject({ code: "CONNECTION_LOST", family: "transient" });
    expect(await stored()).toBe(0);
  });
});

describe("a unit that outlives its cap", () => {
  it.each([1, 2])("is ended by the server, pausing or not, and says what to do (flush %i)", async (flush) => {
    const long = transaction(postgres.pool, { tenant, capMs: 100 }, async ({ run }) => {
      if (flush === 2) await run([append.bind([])]);
      await run([new Text("select pg_sleep(60)").bind([])]);
    });
    await expect(long).rejects.toMatchObject({
      code: "UNIT_TIMEOUT",
      family: "transient",
      message: expect.stringContaining("many units") as string,
    });
    expect([await stored(), await verb()]).toEqual([0, 7]);
  });

  it("frees the server while its client does nothing", async () => {
    const idle = transaction(postgres.pool, { tenant, capMs: 100 }, async ({ run }) => {
      await run([append.bind([])]);
      const gone = async (): Promise<number> =>
        withPostgres(database.admin(), async (client) => {
          const { rows } = await client.query(
            "select from pg_stat_activity where datname = $1 and state like 'idle in transaction%'",
            [database.name],
          );
          return rows.length;
        });
      await expect.poll(gone, { timeout: 30_000 }).toBe(0);
      await run([append.bind([])]);
    });
    await expect(idle).rejects.toMatchObject({ code: "UNIT_TIMEOUT", family: "transient" });
    expect(await stored()).toBe(0);
  });
});
