import { afterEach, beforeEach, expect, test } from "vitest";
import { tenantId } from "@stellaops/kernel";
import { advisories } from "../../vuln/src/aggregates.ts";
import {
  findingsOf,
  otherDatabase,
  type BackfillProgress,
  type Database,
  type FaultPoint,
  type Stage,
} from "../src/index.ts";
import { everywhere, fillEverywhere } from "./backfill-rig.ts";
import { runChild } from "./child-process.ts";
import { advisoryOf, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeEach(async () => {
  rig = await replicationRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

/** MongoDB filled as before there was a register. */
async function filledBare(each: number): Promise<void> {
  await fillEverywhere(rig, "mongo", each);
  await rig.mongo.db.collection("register").deleteMany({});
}
const copiedAdvisories = async (generation: bigint): Promise<number> =>
  (await rig.progress.aggregates(generation)).find(({ aggregate }) => aggregate === "advisories")?.copied ?? 0;
const expectEqual = async (): Promise<void> => {
  const comparison = await rig.compare();
  expect(comparison.aggregates.flatMap(({ findings }) => findings)).toEqual([]);
  expect(findingsOf(comparison)).toBe(0);
};

test("copies what was there before there was a register, reports its way, and then has nothing to do", async () => {
  await filledBare(50);
  const { generation } = await rig.goTo("dual-write");
  const told: BackfillProgress[] = [];
  const done = await rig.backfill({ batch: 40, onProgress: (progress) => told.push(progress) });
  expect(done).toEqual({ generation, copied: 150, parked: 0, swept: 0 });
  expect(told.filter(({ aggregate }) => aggregate === "advisories").map(({ copied }) => copied)).toEqual([
    10, 30, 70, 110, 150, 150,
  ]);
  expect(told.filter((progress) => progress.done)).toHaveLength(vuln.aggregates.length);
  const state = await rig.progress.state(generation);
  expect(await rig.backfill()).toEqual({ generation, copied: 0, parked: 0, swept: 0 });
  expect(await rig.progress.state(generation)).toEqual(state);
  expect(state.sweptAt).toBeInstanceOf(Date);
  await expectEqual();
});

for (const [from, stages] of [
  ["mongo", ["dual-write"]],
  ["postgres", ["postgres", "ramp-down"]],
] as const satisfies readonly (readonly [Database, readonly Stage[]])[])
  test(`from ${from}: killed in the middle, it goes on from its cursor`, async () => {
    if (from === "mongo") await filledBare(60);
    for (const stage of stages) {
      const { generation } = await rig.goTo(stage);
      if (stage === "postgres") await fillEverywhere(rig, "postgres", 60, { generation });
    }
    const { generation } = await rig.view();
    const lines = await runChild(rig.urls, {
      work: "backfill",
      killAfter: 6,
      environment: { BATCH: "10", LEASE: "500" },
    });
    const reached = Number(lines.at(-1)?.split(" ")[1]);
    expect(lines.at(-1)).toMatch(/^advisories [1-9]/);
    expect(await rig.progress.state(generation)).toMatchObject({ backfilledAt: null, sweptAt: null });
    const told: BackfillProgress[] = [];
    const done = await rig.backfill({ batch: 10, leaseMs: 500, onProgress: (progress) => told.push(progress) });
    const again = told.filter(({ aggregate }) => aggregate === "advisories").map(({ copied }) => copied);
    expect(again[0]).toBeGreaterThan(reached);
    expect(again.at(-1)).toBe(180);
    // Those before it are not looked at again.
    expect(again.length).toBeLessThan(18);
    expect(done).toEqual({ generation, copied: 180, parked: 0, swept: 0 });
    await expectEqual();
  });

test("under writes: what is changed, deleted and created while it runs is right at the end", async () => {
  await filledBare(100);
  const { generation } = await rig.goTo("dual-write");
  const tenant = everywhere[0];
  const held = await rig.copies.mongo.scan(advisories, null, 1_000);
  const own = held.filter((scanned) => scanned.tenant === tenant).map(({ state }) => state);
  const done = new AbortController();
  const writer = (async () => {
    for (let turn = 0; !done.signal.aborted; turn += 1) {
      const state = own[(turn * 37) % own.length];
      const options = { generation, ...(tenant === undefined ? {} : { tenant }) };
      await rig.write(
        "mongo",
        async (on) => {
          const now = state === undefined ? null : await on.advisories.get(state.id);
          if (now === null) return on.advisories.put(advisoryOf(), 0n).then(() => undefined);
          const { revision, tenantId: _, ...advisory } = now;
          if (turn % 3 === 0) return on.advisories.delete(now.id, revision);
          await on.advisories.put({ ...advisory, title: `turn ${turn}` }, revision);
        },
        options,
      );
    }
  })();
  const { copied } = await rig.backfill({ batch: 7 });
  done.abort();
  await writer;
  await rig.drain();
  expect(copied).toBeGreaterThan(200);
  expect(await rig.copies.mongo.backlog()).toEqual({ pending: 0, parked: 0 });
  await expectEqual();
});

test("is over with its generation: a step in between is told, and the next begins anew", async () => {
  await filledBare(20);
  const { generation } = await rig.goTo("dual-write");
  let stepped = false;
  const interrupted = rig.backfill({
    batch: 10,
    view: async () => {
      // The step comes when the backfill has looked and before it looks again.
      if (!stepped && (await copiedAdvisories(generation)) > 0) {
        stepped = true;
        await rig.goTo("mongo");
      }
      return rig.view();
    },
  });
  await expect(interrupted).rejects.toMatchObject({ code: "BACKFILL_GENERATION_OVER", family: "refused" });
  await expect(rig.backfill()).rejects.toMatchObject({ code: "BACKFILL_NOT_REPLICATING", family: "refused" });
  const next = await rig.goTo("dual-write");
  expect(next.generation).toBeGreaterThan(generation);
  expect(await rig.backfill()).toMatchObject({ generation: next.generation, copied: 60 });
  await expectEqual();
});

test("is interrupted by its signal, and goes on", async () => {
  await filledBare(30);
  await rig.goTo("dual-write");
  const stop = new AbortController();
  const onProgress = ({ copied }: BackfillProgress): void => {
    if (copied === 20) stop.abort();
  };
  await expect(rig.backfill({ batch: 10, signal: stop.signal, onProgress })).rejects.toThrow(/aborted/);
  expect(await rig.backfill({ batch: 10 })).toMatchObject({ copied: 90 });
  await expectEqual();
});

for (const [primary, back, forth] of [
  ["mongo", "mongo", "dual-write"],
  ["postgres", "postgres", "ramp-down"],
] as const satisfies readonly (readonly [Database, Stage, Stage])[])
  test(`back to ${back} alone and forth again: the ghosts of deleted keys are swept, and their values are free`, async () => {
    const secondary = otherDatabase(primary);
    const tenant = tenantId("acme");
    const [gone, changed, renamed, kept] = [advisoryOf(), advisoryOf(), advisoryOf(), advisoryOf()];
    let { generation } = await rig.goTo(forth);
    for (const one of [gone, changed, renamed, kept])
      await rig.write(primary, (on) => on.advisories.put(one, 0n), { tenant, generation });
    await rig.backfill();
    await rig.drain();
    await expectEqual();

    const older = generation;
    ({ generation } = await rig.goTo(back));
    const alone = { tenant, generation, pending: false };
    await rig.write(primary, (on) => on.advisories.delete(gone.id, 1n), alone);
    await rig.write(primary, (on) => on.advisories.put({ ...changed, title: "alone" }, 1n), alone);
    await rig.write(primary, (on) => on.advisories.put({ ...renamed, advisoryKey: "renamed" }, 1n), alone);
    // Created again and deleted again: still gone, at a higher revision.
    await rig.write(primary, (on) => on.advisories.put(gone, 0n), alone);
    await rig.write(primary, (on) => on.advisories.delete(gone.id, 3n), alone);

    const again = await rig.goTo(forth);
    // Two new keys take the values that ghosts hold at the secondary.
    const heirs = [advisoryOf({ advisoryKey: gone.advisoryKey }), advisoryOf({ advisoryKey: renamed.advisoryKey })];
    for (const heir of heirs)
      await rig.write(primary, (on) => on.advisories.put(heir, 0n), { tenant, generation: again.generation });
    await rig.drain();
    expect((await rig.copies[primary].backlog()).parked).toBeGreaterThan(0);
    const done = await rig.backfill({ batch: 1 });
    // What was parked before the sweep took their place is tried once more by the run itself.
    expect(done).toMatchObject({ generation: again.generation, copied: 5, parked: 0 });
    expect(done.swept).toBeGreaterThanOrEqual(1);
    // An apply that was read under an older replication would find nothing in the register to refuse it.
    await expect(rig.copies[secondary].apply(advisories, tenant, [], older)).rejects.toMatchObject({
      code: "APPLY_FENCED",
    });
    await rig.drain();
    expect(await rig.copies[primary].backlog()).toEqual({ pending: 0, parked: 0 });
    expect(await rig.copies[secondary].read(advisories, tenant, [gone.id])).toEqual([]);
    await expectEqual();
  });

test("is not done before it has swept: one that fails in between is finished by the next run", async () => {
  await filledBare(5);
  const earlier = await rig.goTo("dual-write");
  const ghost = advisoryOf();
  await rig.write("mongo", (on) => on.advisories.put(ghost, 0n), { generation: earlier.generation });
  await rig.backfill();
  await rig.drain();
  const alone = await rig.goTo("mongo");
  await rig.write("mongo", (on) => on.advisories.delete(ghost.id, 1n), {
    generation: alone.generation,
    pending: false,
  });
  const { generation } = await rig.goTo("dual-write");
  const there = () => rig.copies.postgres.read(advisories, tenantId("acme"), [ghost.id]);
  const failAt = (point: FaultPoint) => {
    const faults = { at: (reached: FaultPoint) => (reached === point ? Promise.reject(new Error(point)) : undefined) };
    return expect(rig.backfill({ faults, leaseMs: 500 })).rejects.toThrow(point);
  };
  for (const point of ["backfill-finished", "backfill-closed"] as const) {
    await failAt(point);
    expect(await rig.progress.state(generation)).toMatchObject({ sweptAt: null });
    expect(await there()).toMatchObject([{ deleted: false }]);
  }
  const heir = advisoryOf({ advisoryKey: ghost.advisoryKey });
  await rig.write("mongo", (on) => on.advisories.put(heir, 0n), { generation });
  await rig.drain();
  expect((await rig.copies.mongo.backlog()).parked).toBe(1);
  await failAt("backfill-swept");
  expect(await rig.progress.state(generation)).toMatchObject({ sweptAt: null });
  expect(await there()).toEqual([]);
  // Whoever has recorded that it is done has left nothing set aside because of a ghost.
  await failAt("backfill-recorded");
  expect((await rig.progress.state(generation)).sweptAt).toBeInstanceOf(Date);
  expect(await rig.copies.mongo.backlog()).toEqual({ pending: 1, parked: 0 });
  expect(await rig.backfill()).toMatchObject({ parked: 0 });
  await rig.drain();
  await expectEqual();
});

test("a document that cannot be read is parked with its reason, and the others are copied", async () => {
  await filledBare(10);
  const { generation } = await rig.goTo("dual-write");
  const documents = rig.mongo.db.collection("advisories");
  const odd = await documents.findOneAndUpdate({ tenantId: "acme" }, { $set: { colour: "red" } });
  expect(await rig.backfill({ batch: 4 })).toMatchObject({ copied: 30, parked: 1 });
  await rig.drain();
  const entry = await rig.mongo.db.collection("register").findOne({ id: odd?.["id"] });
  expect(entry).toMatchObject({ generation, pending: true, deleted: false });
  expect(entry?.["refusal"]).toMatch(/^DOCUMENT_UNREADABLE: .*colour/);
  await documents.updateOne({ colour: "red" }, { $unset: { colour: 1 } });
  await rig.copies.mongo.unpark();
  await rig.drain();
  await expectEqual();
});
