import { expect, test, beforeAll, afterAll } from "vitest";
import { initialise, listenToBoth, liveStage, postgresSide } from "../src/index.ts";
import type { LiveStageOptions, Stage } from "../src/index.ts";
import { proxyTo } from "@stellaops/testkit/proxy";
import { changeTo, connect, module, rig } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
});
afterAll(() => at[Symbol.asyncDispose]());

const change = (target: Stage) => changeTo(at.sides, target);
/** Its polls would come too late for any of these tests. */
const live = (rest: Partial<LiveStageOptions> = {}) =>
  liveStage({ module, sides: at.sides, instance: "listener", pollMs: 600_000, leaseMs: 600_000, ...rest });
const listeners = async (): Promise<readonly number[]> => {
  const { rows } = await at.pool.query<{ readonly pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and query = 'listen cutover_stage'",
  );
  return rows.map(({ pid }) => pid);
};
const listening = () => expect.poll(listeners, { interval: 5, timeout: 10_000 }).toHaveLength(1);

test("a change is heard at once at either primary, without a poll", async () => {
  const source = await live();
  await listening();
  for (const target of ["dual-write", "shadow", "live", "ramp-down", "live", "shadow"] as const) {
    const view = await change(target);
    await expect.poll(() => source.current(), { interval: 5, timeout: 10_000 }).toEqual(view);
    expect(await source.begin()).toEqual(view);
  }
  await source.close();
  expect(await listeners()).toEqual([]);
});

test("a listening connection that the server ends is made anew, and what was missed is learned", async () => {
  await change("live");
  const { sides, pool, client } = connect(at.urls);
  const source = await live({ sides });
  for (const target of ["ramp-down", "live"] as const) {
    await listening();
    const [pid] = await listeners();
    await at.pool.query("select pg_terminate_backend($1)", [pid]).catch(() => undefined);
    const view = await change(target);
    await expect.poll(() => source.current(), { interval: 5, timeout: 5_000 }).toEqual(view);
  }
  await source.close();
  await pool.end();
  await client.close();
});

test("behind a proxy that loses every connection, the last stage is kept, and what comes next is heard again", async () => {
  const proxy = await proxyTo(at.urls.mongo);
  const url = new URL(proxy.url);
  url.searchParams.set("directConnection", "true");
  const { sides, pool, client } = connect({ ...at.urls, mongo: url.href });
  await change("shadow");
  const source = await live({ sides });
  const before = source.current();
  proxy.cut();
  source.refresh();
  expect(await source.begin()).toEqual(before);
  const view = await change("dual-write");
  proxy.mend();
  await expect.poll(() => source.current(), { interval: 5, timeout: 20_000 }).toEqual(view);
  await source.close();
  await client.close();
  await pool.end();
  await proxy[Symbol.asyncDispose]();
});

test("where notifications do not arrive, as behind a pooler, that is found out, and polling is left", async () => {
  // Notifications stay within a database: what listens to another one hears nothing, like a client of such a pooler.
  const elsewhere = { connectionString: at.urls.postgres.replace(/\/[^/]*$/, "/postgres") };
  const pool = Object.assign(Object.create(at.pool) as typeof at.pool, { options: elsewhere });
  const { signals } = postgresSide(pool, module);
  await expect(signals.listen(() => {}, new AbortController().signal)).rejects.toMatchObject({
    code: "LISTEN_UNHEARD",
  });
  const stop = new AbortController();
  const given: unknown[] = [];
  const logger = { debug() {}, warn() {}, error() {}, info: (fields: object) => void given.push(fields) };
  const both = listenToBoth({
    sides: { ...at.sides, postgres: { ...at.sides.postgres, signals } },
    heard: () => {},
    signal: stop.signal,
    logger,
  });
  await expect.poll(() => given, { interval: 20, timeout: 10_000 }).toMatchObject([{ database: "postgres" }]);
  stop.abort();
  await both;
});

test("listening can be left out", async () => {
  const source = await live({ listen: false, pollMs: 20 });
  expect(await listeners()).toEqual([]);
  const view = await change("shadow");
  await expect.poll(() => source.current(), { interval: 5, timeout: 10_000 }).toEqual(view);
  await source.close();
});
