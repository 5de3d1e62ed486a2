import { afterAll, beforeAll, expect, test } from "vitest";
import { integrity, programming, tenantId } from "@stellaops/kernel";
import { aSource } from "@stellaops/testkit/source";
import { advisories } from "../../vuln/src/aggregates.ts";
import {
  findingsOf,
  fixedStage,
  startReplicator,
  workLease,
  type Database,
  type Replicas,
  type Replicator,
  type StageSource,
} from "../src/index.ts";
import { runChild } from "./child-process.ts";
import { proxyTo } from "@stellaops/testkit/proxy";
import { acme, advisoryOf, nextId, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** The stage as it is now. */
async function stageNow(): Promise<StageSource> {
  const view = await rig.view();
  return { ...fixedStage(view.stage), workView: () => view };
}
const start = async (rest: { replicas?: Replicas; pollMs?: number; batch?: number; retryParkedMs?: number } = {}) =>
  startReplicator({ module: vuln, replicas: rig.replicas, stage: await stageNow(), pollMs: 20, ...rest });
const backlog = (database: Database) => rig.copies[database].backlog();

for (const [stage, primary, secondary] of [
  ["dual-write", "mongo", "postgres"],
  ["live", "postgres", "mongo"],
] as const)
  test(`at ${stage}: what a killed service has not applied is drained, and every write that it was told of is there`, async () => {
    await rig.goTo(stage);
    // Its secondary hangs before it writes, so that nothing it writes is applied by itself.
    const proxy = await proxyTo(secondary === "postgres" ? rig.urls.service : rig.urls.mongo);
    const through = secondary === "postgres" ? { service: proxy.url } : { mongo: `${proxy.url}&directConnection=true` };
    const lines = await runChild(
      { ...rig.urls, ...through },
      { work: "write", killAfter: 40, environment: { TENANT: stage }, opened: () => proxy.hang() },
    );
    expect(lines).toHaveLength(40);
    expect(await backlog(primary)).toEqual({ pending: 40, parked: 0 });
    await proxy[Symbol.asyncDispose]();
    const replicators = await Promise.all([start(), start(), start({ batch: 7 })]);
    await expect.poll(() => backlog(primary), { interval: 20, timeout: 20_000 }).toEqual({ pending: 0, parked: 0 });
    await Promise.all(replicators.map((replicator) => replicator.close()));
    const ids = lines.map((line) => line.split(" ")[0] ?? "");
    for (const database of [primary, secondary]) {
      const held = await rig.replicas[database].read(advisories, tenantId(stage), ids);
      expect(held.filter(({ value }) => value !== null)).toHaveLength(40);
    }
    expect(findingsOf(await rig.compare())).toBe(0);
  });

test("several at once, while keys change, are created again and swap their unique values", async () => {
  const { generation, primary } = await rig.view();
  const replicators = await Promise.all([start(), start(), start({ batch: 5 })]);
  const write = <T>(work: Parameters<typeof rig.write<T>>[1]) => rig.write(primary, work, { generation });
  const [a, b] = [advisoryOf(), advisoryOf()];
  let revision = await write(async (on) => {
    await on.advisories.put(a, 0n);
    return on.advisories.put(b, 0n);
  });
  for (let turn = 0; turn < 25; turn += 1) {
    const [x, y] = turn % 2 === 0 ? [b.advisoryKey, a.advisoryKey] : [a.advisoryKey, b.advisoryKey];
    await write((on) => on.advisories.put({ ...a, advisoryKey: "between" }, revision));
    await write((on) => on.advisories.put({ ...b, advisoryKey: y }, revision));
    await write((on) => on.advisories.put({ ...a, advisoryKey: x }, revision + 1n));
    await write((on) => on.advisories.delete(b.id, revision + 1n));
    revision = await write((on) => on.advisories.put({ ...b, advisoryKey: y }, 0n));
    await write((on) => on.advisories.put({ ...a, advisoryKey: x, title: `${turn}` }, revision - 1n));
  }
  await expect.poll(() => backlog(primary), { interval: 20, timeout: 20_000 }).toEqual({ pending: 0, parked: 0 });
  await Promise.all(replicators.map((replicator) => replicator.close()));
  expect(findingsOf(await rig.compare())).toBe(0);
});

test("a backlog greater than a batch is drained at once, not a batch a poll", async () => {
  const { generation, primary } = await rig.view();
  for (let i = 0; i < 60; i += 1) await rig.write(primary, (on) => on.advisories.put(advisoryOf(), 0n), { generation });
  const replicator = await start({ batch: 10, pollMs: 3_600_000 });
  await expect.poll(() => backlog(primary), { interval: 20, timeout: 20_000 }).toEqual({ pending: 0, parked: 0 });
  await replicator.close();
});

test("what cannot be applied for one aggregate does not hold up the others", async () => {
  const { generation, primary } = await rig.view();
  const secondary = primary === "mongo" ? "postgres" : "mongo";
  await rig.write(primary, (on) => on.sources.put(aSource(nextId()), 0n), { generation });
  await rig.write(primary, (on) => on.advisories.put(advisoryOf(), 0n), { generation });
  const real = rig.replicas[secondary];
  const noSources: Replicas = {
    ...rig.replicas,
    [secondary]: {
      ...real,
      apply: (...args: Parameters<typeof real.apply>) =>
        args[0].table === "sources"
          ? Promise.reject(programming("NOT_PERMITTED", "the role may not write sources"))
          : real.apply(...args),
    },
  };
  const hindered = await start({ replicas: noSources });
  await expect.poll(() => backlog(primary), { interval: 20, timeout: 20_000 }).toEqual({ pending: 1, parked: 0 });
  await hindered.close();
  const replicator: Replicator = await start();
  expect(await replicator.drain()).toBeLessThanOrEqual(1);
  await replicator.close();
  expect(await backlog(primary)).toEqual({ pending: 0, parked: 0 });
});

test("a parked key is tried again, and comes when nothing stands in its way any more", async () => {
  const { generation, primary } = await rig.view();
  const one = advisoryOf();
  await rig.write(primary, (on) => on.advisories.put(one, 0n), { generation });
  const source = rig.replicas[primary];
  for (const state of await source.read(advisories, acme, [one.id]))
    await source.park(advisories, acme, state, "CHECK_VIOLATION: a rule that the secondary had");
  const patient = await start();
  expect(await patient.drain()).toBe(0);
  await patient.close();
  expect(await backlog(primary)).toEqual({ pending: 0, parked: 1 });
  const replicator = await start({ retryParkedMs: 0 });
  await expect.poll(() => backlog(primary), { interval: 20, timeout: 20_000 }).toEqual({ pending: 0, parked: 0 });
  await replicator.close();
});

test("of several under leases one works, and another takes over when it is gone", async () => {
  const { generation, primary } = await rig.view();
  const leaseOf = (holder: string) => workLease(rig.service.pool, { module: vuln.name, work: "replicate", holder });
  const options = { module: vuln, replicas: rig.replicas, stage: await stageNow(), pollMs: 20, leaseMs: 300 };
  const all = ["first", "second", "third"].map((holder) => startReplicator({ ...options, lease: leaseOf(holder) }));
  const active = () => all.filter(({ counts }) => counts.active);
  await expect.poll(() => active().length, { interval: 10 }).toBe(1);
  const [one] = active();
  await rig.write(primary, (on) => on.advisories.put(advisoryOf(), 0n), { generation });
  await expect.poll(() => backlog(primary), { interval: 20, timeout: 20_000 }).toEqual({ pending: 0, parked: 0 });
  expect(all.filter(({ counts }) => counts.applied > 0)).toEqual([one]);
  await one?.close();
  await expect.poll(() => active().filter((other) => other !== one).length, { interval: 10 }).toBe(1);
  await Promise.all(all.map((replicator) => replicator.close()));
});

test("a lease that nobody renews is free when it has run out, and not before", async () => {
  const leaseOf = (holder: string) => workLease(rig.service.pool, { module: vuln.name, work: "anything", holder });
  const [one, other] = [leaseOf("one"), leaseOf("other")];
  expect(await one.hold(60_000)).toBe(true);
  expect(await other.hold(60_000)).toBe(false);
  await other.release();
  expect(await one.hold(0)).toBe(true);
  await expect.poll(() => other.hold(60_000), { interval: 10 }).toBe(true);
  await other.release();
  expect(await one.hold(60_000)).toBe(true);
});

for (const database of ["mongo", "postgres"] satisfies Database[])
  test(`on ${database}, what is pending and parked is counted by aggregate, with its age`, async () => {
    const [one, two] = [advisoryOf(), advisoryOf()];
    for (const each of [one, two]) await rig.write(database, (on) => on.advisories.put(each, 0n), { generation: 40n });
    for (const state of await rig.replicas[database].read(advisories, acme, [two.id]))
      await rig.replicas[database].park(advisories, acme, state, "no");
    const lag = await rig.replicas[database].lag();
    const found = lag.find(({ aggregate }) => aggregate === "advisories");
    expect(found).toMatchObject({ parked: 1, pendingMs: expect.any(Number), parkedMs: expect.any(Number) });
    expect(found?.pending).toBeGreaterThanOrEqual(1);
    expect(found?.pendingMs).toBeGreaterThanOrEqual(0);
  });

test("an entry that the secondary refuses for ever is tried again and again, and holds up no other key", async () => {
  const { generation, primary } = await rig.view();
  const secondary = primary === "mongo" ? "postgres" : "mongo";
  const bad = advisoryOf();
  let refusals = 0;
  const real = rig.replicas[secondary];
  const apply: typeof real.apply = async (aggregate, tenant, states, at) => {
    if (states.some(({ id }) => id === bad.id)) {
      refusals += 1;
      throw integrity("CHECK_VIOLATION", "a rule that only the secondary has");
    }
    await real.apply(aggregate, tenant, states, at);
  };
  const replicas: Replicas = { ...rig.replicas, [secondary]: { ...real, apply } };
  const replicator = await start({ replicas, retryParkedMs: 100 });
  for (const one of [advisoryOf(), bad, advisoryOf()])
    await rig.write(primary, (on) => on.advisories.put(one, 0n), { generation });
  await expect.poll(() => refusals, { interval: 20, timeout: 20_000 }).toBeGreaterThan(5);
  const late = advisoryOf();
  await rig.write(primary, (on) => on.advisories.put(late, 0n), { generation });
  const arrived = async () => (await real.read(advisories, acme, [late.id])).length;
  await expect.poll(arrived, { interval: 20, timeout: 20_000 }).toBe(1);
  await replicator.close();
  // It is the one thing that is left, and what the guards of a move see.
  const { pending, parked } = await backlog(primary);
  expect(pending + parked).toBe(1);
  await rig.replicas[primary].unpark();
  const mended = await start();
  await mended.drain();
  await mended.close();
  expect(await backlog(primary)).toEqual({ pending: 0, parked: 0 });
});
