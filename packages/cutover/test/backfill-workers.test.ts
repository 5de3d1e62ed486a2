import { afterEach, beforeEach, expect, test } from "vitest";
import { advisories } from "../../vuln/src/aggregates.ts";
import { findingsOf, type Database, type FaultPoint } from "../src/index.ts";
import { rangesOf } from "../src/replication/ranges.ts";
import { fillEverywhere } from "./backfill-rig.ts";
import { replicationRig, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeEach(async () => {
  rig = await replicationRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

/** Advisories of three tenants in MongoDB, and the stage at which they are copied. */
async function filled(each: number): Promise<bigint> {
  await fillEverywhere(rig, "mongo", each);
  return (await rig.goTo("dual-write")).generation;
}
const counting = () => {
  const seen = new Map<FaultPoint, number>();
  return { seen, faults: { at: (point: FaultPoint) => void seen.set(point, (seen.get(point) ?? 0) + 1) } };
};

test("several workers of several processes share the ranges: each is copied once, and one of them sweeps", async () => {
  const generation = await filled(80);
  const [one, two] = [counting(), counting()];
  const shared = { batch: 10, rangeSize: 30, workers: 2 };
  const ended = await Promise.all([
    rig.backfill({ ...shared, faults: one.faults }),
    rig.backfill({ ...shared, faults: two.faults }),
  ]);
  expect(ended.map(({ copied }) => copied)).toEqual([240, 240]);
  const total = (point: FaultPoint) => (one.seen.get(point) ?? 0) + (two.seen.get(point) ?? 0);
  const found = await rig.progress.aggregates(generation);
  expect(found.every(({ done, items, itemsDone }) => done && items === itemsDone)).toBe(true);
  expect(found.find(({ aggregate }) => aggregate === "advisories")?.items).toBeGreaterThan(4);
  expect(total("backfill-claimed")).toBe(found.reduce((sum, { items }) => sum + items, 0));
  expect(total("backfill-swept")).toBe(1);
  expect(findingsOf(await rig.compare())).toBe(0);
});

test("a range whose worker was overtaken is not set back by it", async () => {
  const generation = await filled(4);
  const range = { estimate: 12, ranges: [{ first: null, last: null }] };
  await rig.progress.plan(generation, new Map([["advisories", range]]));
  await rig.progress.plan(generation, new Map([["sources", range]]));
  const slow = await rig.progress.claim(generation, "slow", 0);
  if (slow === null) throw new Error("nothing to claim");
  const next = await rig.progress.claim(generation, "next", 60_000);
  if (next === null) throw new Error("not free when its lease had run out");
  expect(next).toMatchObject({ aggregate: "advisories", item: slow.item });
  expect(await rig.progress.claim(generation, "third", 60_000)).toBeNull();
  const at = (id: number) => ({ cursor: { tenant: "acme", id: String(id) }, copied: 1, done: false, rate: 1 });
  expect(await rig.progress.save(generation, next, at(2), 60_000)).toBe("held");
  expect(await rig.progress.save(generation, slow, at(1), 60_000)).toBe("lost");
  await rig.progress.release(generation, slow);
  expect(await rig.progress.claim(generation, "third", 60_000)).toBeNull();
  await rig.progress.release(generation, next);
  expect(await rig.progress.claim(generation, "third", 60_000)).toMatchObject({ cursor: { id: "2" } });
});

test("paused, it ends and says how to go on, and none begins until it is resumed", async () => {
  const generation = await filled(40);
  const pausing = rig.backfill({
    batch: 10,
    workers: 1,
    faults: {
      at: (point) => (point === "backfill-applied" ? rig.progress.pause(generation, "an operator") : undefined),
    },
  });
  await expect(pausing).rejects.toMatchObject({ code: "BACKFILL_PAUSED", family: "refused" });
  await expect(rig.backfill()).rejects.toMatchObject({
    message: expect.stringContaining("backfill resume --module vuln"),
  });
  expect(await rig.progress.state(generation)).toMatchObject({ pausedBy: "an operator", sweptAt: null });
  await rig.progress.pause(generation, null);
  expect(await rig.backfill({ batch: 10 })).toMatchObject({ copied: 120 });
  expect(findingsOf(await rig.compare())).toBe(0);
});

test("a limited rate asks for small pages, so that a pause is seen at once", async () => {
  await filled(4);
  const { seen, faults } = counting();
  await rig.backfill({ rate: 8, workers: 1, faults });
  expect(seen.get("backfill-applied")).toBeGreaterThanOrEqual(3);
  expect(findingsOf(await rig.compare())).toBe(0);
});

for (const primary of ["mongo", "postgres"] satisfies Database[])
  test(`ranges of ${primary} cover every key once`, async () => {
    await fillEverywhere(rig, primary, 70);
    const { ranges } = await rig.copies[primary].ranges(advisories, 20);
    expect(ranges.length).toBeGreaterThan(5);
    const keys: string[] = [];
    for (const { first, last } of ranges) {
      const found = await rig.copies[primary].scan(advisories, first, 1_000, last);
      keys.push(...found.map(({ tenant, state }) => `${tenant} ${state.id}`));
    }
    const whole = await rig.copies[primary].scan(advisories, null, 1_000);
    expect(keys).toEqual(whole.map(({ tenant, state }) => `${tenant} ${state.id}`));
    expect(keys).toHaveLength(210);
  });

test("ranges of a sample have no gaps, also where it holds a key twice or is too small", () => {
  const at = (id: string) => ({ tenant: "a", id });
  expect(rangesOf(10, 10, [])).toEqual({ estimate: 10, ranges: [{ first: null, last: null }] });
  const { ranges } = rangesOf(100, 10, [at("1"), at("1"), at("1"), at("2")]);
  expect(ranges[0]?.first).toBeNull();
  expect(ranges.at(-1)?.last).toBeNull();
  for (const [i, { first }] of ranges.slice(1).entries()) expect(first).toEqual(ranges[i]?.last);
  expect(new Set(ranges.map(({ last }) => last?.id)).size).toBe(ranges.length);
});
