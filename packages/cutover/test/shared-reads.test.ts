import { tenantId } from "@stellaops/kernel";
import { openPostgres, Text, type Postgres } from "@stellaops/postgres";
import { withPostgres } from "@stellaops/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SharedReads } from "../src/postgres/reads.ts";
import { rig, type Rig } from "./rig.ts";

let at: Rig;
let one: Postgres;
let reads: SharedReads;
beforeAll(async () => {
  at = await rig();
  one = openPostgres({ url: at.urls.postgres, max: 1 });
  reads = new SharedReads(one.pool);
});
afterAll(async () => {
  await one.close();
  await at[Symbol.asyncDispose]();
});

// now() is the transaction's: it tells which reads came in one flush.
const told = new Text("select $1::int as asked, current_setting('app.tenant_id') as tenant, now()::text as flush");
const ask = async (tenant: string, asked: number) => {
  const [result] = await reads.unit(tenantId(tenant)).run([told.bind([asked])]);
  return result?.rows[0];
};

test("reads asked at once share flushes, each with its own answer and its own tenant", async () => {
  const asked = Array.from({ length: 60 }, (_, i) => [i % 3 === 0 ? "acme" : "umbrella", i] as const);
  const answers = await Promise.all(asked.map(([tenant, i]) => ask(tenant, i)));
  expect(answers.map((row) => [row?.["tenant"], row?.["asked"]])).toEqual(asked);
  const flushes = new Map<unknown, Set<unknown>>();
  for (const row of answers)
    flushes.set(row?.["flush"], (flushes.get(row?.["flush"]) ?? new Set()).add(row?.["tenant"]));
  expect(flushes.size).toBeLessThan(8);
  for (const tenants of flushes.values()) expect(tenants.size).toBe(1);
});

test("one that fails does not take the others with it", async () => {
  const wrong = new Text("select 1 / $1::int as never");
  const answers = await Promise.allSettled([
    ...Array.from({ length: 10 }, (_, i) => ask("acme", i)),
    reads.unit(tenantId("acme")).run([wrong.bind([0])]),
    ...Array.from({ length: 10 }, (_, i) => ask("acme", i)),
  ]);
  expect(answers.map(({ status }) => status).filter((status) => status === "rejected")).toHaveLength(1);
  expect(answers[10]?.status).toBe("rejected");
  expect(await ask("acme", 1)).toMatchObject({ asked: 1 });
});

test("others who wait for the connection have their turn", async () => {
  const order: string[] = [];
  const asked = Array.from({ length: 100 }, (_, i) => ask("acme", i).then(() => order.push("read")));
  const other = one.pool.query("select 1").then(() => order.push("other"));
  await Promise.all([...asked, other]);
  expect(order.indexOf("other")).toBeLessThan(99);
});

test("nobody waits behind a stranger's slow read while a connection is free", async () => {
  const two = openPostgres({ url: at.urls.postgres, max: 2 });
  const shared = new SharedReads(two.pool);
  const lock = (key: number) => new Text(`select pg_advisory_lock_shared(${key}), pg_advisory_unlock_shared(${key})`);
  const waiting = (key: number, tenant = "acme") => shared.unit(tenantId(tenant)).run([lock(key).bind([])]);
  await withPostgres(at.urls.postgres, async (holder) => {
    const free = (key: number) => holder.query(`select pg_advisory_unlock(${key})`);
    const inLock = async (): Promise<string> => {
      const { rows } = await holder.query<{ keys: string | null }>(
        "select string_agg(objid::text, ' ' order by objid) as keys from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
      );
      return rows[0]?.keys ?? "";
    };
    await holder.query("select pg_advisory_lock(key) from generate_series(1, 3) key");
    // Both connections are taken by reads that went alone, and two flushes come after them.
    const alone = [waiting(1), waiting(1)];
    const [slow, other] = [waiting(2, "umbrella"), waiting(3)];
    await expect.poll(inLock, { timeout: 30_000 }).toBe("1 1");
    await free(1);
    await Promise.all(alone);
    await expect.poll(inLock, { timeout: 30_000 }).toBe("2 3");
    const last = shared.unit(tenantId("acme")).run([told.bind([9])]);
    await free(3);
    await other;
    expect((await last)[0]?.rows[0]).toMatchObject({ asked: 9 });
    await free(2);
    await slow;
  });
  await two.close();
});

test("a server that does not answer fails each of them", async () => {
  const dead = openPostgres({ url: "postgres://nobody@127.0.0.1:9/none", max: 1 });
  const gone = new SharedReads(dead.pool);
  const asked = Array.from({ length: 5 }, () => gone.unit(tenantId("acme")).run([told.bind([1])]));
  for (const answer of await Promise.allSettled(asked)) expect(answer.status).toBe("rejected");
  await dead.close();
});
