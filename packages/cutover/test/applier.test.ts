import { afterAll, beforeAll, expect, test } from "vitest";
import { dataError } from "@stellaops/kernel";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { openVuln } from "../../vuln/src/index.ts";
import { findingsOf, fixedStage, mongoReplica, postgresReplica, type Database } from "../src/index.ts";
import { Applier } from "../src/replication/applier.ts";
import { startReplicator } from "../src/replication/replicator.ts";
import type { Key } from "../src/replication/replica.ts";
import { proxyTo } from "@stellaops/testkit/proxy";
import { acme, advisoryOf, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Generation 0, MongoDB as the primary. */
const stage = fixedStage("dual-write");
const generation = 0n;

async function written(count: number): Promise<readonly Key[]> {
  const keys: Key[] = [];
  for (let i = 0; i < count; i += 1) {
    const one = advisoryOf();
    await rig.write("mongo", (on) => on.advisories.put(one, 0n), { generation });
    keys.push({ aggregate: "advisories", tenant: acme, id: one.id });
  }
  return keys;
}
/** The replicator looks twice before it takes a key over. */
const slowly = { interval: 50, timeout: 30_000 };
const backlog = async (): Promise<number> => (await rig.replicas.mongo.backlog()).pending;

test("a key that changes again before its turn is applied once, in its last state", async () => {
  const applier = new Applier({ module: vuln, replicas: rig.replicas, stage });
  const keys = await written(3);
  for (let i = 0; i < 40; i += 1) applier.hand(keys);
  expect(applier.counts).toMatchObject({ queued: 3, dropped: 0 });
  await expect.poll(backlog, { interval: 5 }).toBe(0);
  await applier.close();
  expect(applier.counts).toEqual({ applied: 3, parked: 0, failed: 0, dropped: 0, queued: 0 });
});

test("keys above the capacity are dropped, and found by a replicator", async () => {
  const applier = new Applier({ module: vuln, replicas: rig.replicas, stage, capacity: 3, batch: 2 });
  const keys = await written(8);
  applier.hand(keys);
  applier.hand(keys.slice(0, 3));
  expect(applier.counts).toMatchObject({ queued: 3, dropped: 5 });
  await expect.poll(() => applier.counts.applied, { interval: 5 }).toBe(3);
  await applier.close();
  expect(await backlog()).toBe(5);
  const replicator = startReplicator({ module: vuln, replicas: rig.replicas, stage, pollMs: 60_000 });
  expect(await replicator.drain()).toBe(5);
  expect(await replicator.drain()).toBe(0);
  await replicator.close();
  expect(await backlog()).toBe(0);
});

test("while nothing is replicated, keys are let go", async () => {
  const applier = new Applier({ module: vuln, replicas: rig.replicas, stage: fixedStage("mongo") });
  applier.hand(await written(2));
  await expect.poll(() => applier.counts.queued, { interval: 5 }).toBe(0);
  await applier.close();
  expect(await backlog()).toBe(2);
});

test("a closed applier takes no more keys", async () => {
  const applier = new Applier({ module: vuln, replicas: rig.replicas, stage });
  await applier.close();
  applier.hand(await written(1));
  expect(applier.counts).toEqual({ applied: 0, parked: 0, failed: 0, dropped: 0, queued: 0 });
});

test("where nothing listens at the secondary, keys fail and keep their marks", async () => {
  const dead = openPostgres({ url: Object.assign(new URL(rig.urls.service), { port: "1" }).href });
  const replicas = { mongo: mongoReplica(rig.mongo, vuln), postgres: postgresReplica(dead.pool, vuln) };
  const applier = new Applier({ module: vuln, replicas, stage });
  const before = await backlog();
  applier.hand(await written(4));
  await expect.poll(() => applier.counts.failed, { interval: 5 }).toBe(4);
  await applier.close();
  await dead.close();
  expect(await backlog()).toBe(before + 4);
});

for (const [at, primary, secondary] of [
  ["shadow", "mongo", "postgres"],
  ["live", "postgres", "mongo"],
] as const satisfies readonly (readonly [string, Database, Database])[])
  for (const fault of ["cut", "hang"] as const)
    test(`at ${at}, ${secondary} fails (${fault}): no caller notices, and it is brought up to date when it is back`, async () => {
      await rig.goTo(at);
      const proxy = await proxyTo(secondary === "postgres" ? rig.urls.service : rig.urls.mongo);
      const postgres = openPostgres({ url: secondary === "postgres" ? proxy.url : rig.urls.service });
      const mongo = openMongo({
        url: secondary === "mongo" ? `${proxy.url}&directConnection=true&serverSelectionTimeoutMS=500` : rig.urls.mongo,
      });
      const module = await openVuln({ postgres, mongo, stage: "record" });
      const { advisories } = module.tenant("acme");
      const one = advisoryOf();
      await advisories.put(one, 0n);
      await expect.poll(() => held(secondary, one.id), { interval: 20 }).toBe(1n);
      proxy[fault]();
      for (let revision = 1n; revision <= 20n; revision += 1n)
        expect(await advisories.put({ ...one, title: `turn ${revision}` }, revision)).toBe(revision + 1n);
      expect(await held(secondary, one.id)).toBe(1n);
      expect((await rig.replicas[primary].backlog()).pending).toBeGreaterThan(0);
      expect(await advisories.get(one.id)).toMatchObject({ title: "turn 20" });
      proxy.mend();
      await expect.poll(() => held(secondary, one.id), { interval: 50, timeout: 30_000 }).toBe(21n);
      await expect.poll(async () => (await rig.replicas[primary].backlog()).pending, slowly).toBe(0);
      expect(findingsOf(await rig.compare())).toBe(0);
      await module.close();
      await module.close();
      await Promise.all([postgres.close(), mongo.close()]);
      await proxy[Symbol.asyncDispose]();
    });

async function held(database: Database, id: string): Promise<bigint | null> {
  const [aggregate] = vuln.aggregates.filter(({ table }) => table === "advisories");
  if (aggregate === undefined) throw new Error("no aggregate");
  return (await rig.replicas[database].read(aggregate, acme, [id]))[0]?.revision ?? null;
}

test("who waits is told what became of its keys, and not later than its deadline", async () => {
  const { mongo, postgres } = rig.replicas;
  const applier = new Applier({ module: vuln, replicas: rig.replicas, stage });
  const keys = await written(3);
  expect(await applier.applied(keys, 20_000)).toBe("applied");
  expect(await held("postgres", keys[0]?.id ?? "")).toBe(1n);
  expect(await applier.applied([], 20_000)).toBe("applied");
  const refusing = new Applier({
    module: vuln,
    stage,
    replicas: { mongo, postgres: { ...postgres, apply: () => Promise.reject(dataError("VALUE_INVALID", "no")) } },
  });
  expect(await refusing.applied(await written(1), 20_000)).toBe("parked");
  const hanging = new Applier({
    module: vuln,
    stage,
    applyMs: 50,
    replicas: { mongo, postgres: { ...postgres, apply: () => new Promise(() => {}) } },
  });
  expect(await hanging.applied(await written(1), 1)).toBe("pending");
  // Given up, so that what comes after it has its turn.
  await expect.poll(() => hanging.counts.failed, { interval: 5 }).toBe(1);
  await Promise.all([applier, refusing, hanging].map((one) => one.close()));
  expect(await applier.applied(keys, 20_000)).toBe("pending");
  await mongo.unpark();
});

test("each caller is told of its own keys, also where one of the same batch is refused", async () => {
  const { mongo, postgres } = rig.replicas;
  const [mine, yours, ours] = [await written(1), await written(1), await written(2)];
  const refused = new Set([...yours, ...ours.slice(1)].map(({ id }) => id));
  const apply: typeof postgres.apply = async (aggregate, tenant, states, at) => {
    if (states.some(({ id }) => refused.has(id))) throw dataError("VALUE_INVALID", "no");
    await postgres.apply(aggregate, tenant, states, at);
  };
  const applier = new Applier({ module: vuln, stage, replicas: { mongo, postgres: { ...postgres, apply } } });
  const told = await Promise.all([mine, yours, ours].map((keys) => applier.applied(keys, 20_000)));
  expect(told).toEqual(["applied", "parked", "parked"]);
  expect(applier.counts).toMatchObject({ applied: 2, parked: 2, failed: 0 });
  expect(await held("postgres", mine[0]?.id ?? "")).toBe(1n);
  await applier.close();
  await mongo.unpark();
});

test("large values are read a few at a time, however many keys are handed over", async () => {
  const keys = await written(60);
  const reads: number[] = [];
  const { mongo, postgres } = rig.replicas;
  const read: typeof mongo.read = async (aggregate, tenant, ids) => {
    reads.push(ids.length);
    const states = await mongo.read(aggregate, tenant, ids);
    return states.map((state) => ({ ...state, value: { ...state.value, details: "x".repeat(3_000_000) } }));
  };
  const apply = () => Promise.resolve();
  const replicas = { mongo: { ...mongo, read, clear: apply }, postgres: { ...postgres, apply } };
  const applier = new Applier({ module: vuln, replicas, stage });
  expect(await applier.applied(keys, 20_000)).toBe("applied");
  await applier.close();
  expect(Math.max(...reads)).toBe(25);
  expect(reads.at(-1)).toBeLessThan(7);
});
