import { afterAll, beforeAll, expect, test } from "vitest";
import { initialise, instancesOf, liveStage, recover, showStage, stages } from "../src/index.ts";
import type { Change, Stage, Waiting } from "../src/index.ts";
import { changeTo, handsOn, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
  for (const target of ["dual-write", "shadow"] as const) await change(target);
});
afterAll(() => at[Symbol.asyncDispose]());

const hands = () => handsOn(at.sides);
const change = (target: Stage, rest?: Partial<Change>) => changeTo(at.sides, target, rest);
const known = async () => (await instancesOf(at.sides)).instances;

test("an instance registers itself, acknowledges each stage where it reads from, and leaves", async () => {
  const source = await liveStage({ module, sides: at.sides, instance: "one", version: "1.2.3", leaseMs: 60_000 });
  for (const target of ["shadow", "live", "ramp-down", "live", "shadow"] as const) {
    const { epoch, primary } = await change(target);
    await expect
      .poll(known, { interval: 5, timeout: 10_000 })
      .toMatchObject([{ instance: "one", pid: process.pid, version: "1.2.3", epoch, database: primary }]);
  }
  const [one] = await known();
  expect(one?.startedAt.getTime()).toBeLessThanOrEqual(Date.now());
  await source.close();
  expect(await instancesOf(at.sides)).toEqual({ instances: [], unreachable: [] });
});

test("of each instance its last sign counts; after a day of silence it is removed", async () => {
  const told = { host: "host", pid: 1, version: "$1", startedAt: new Date(0) };
  await at.sides.postgres.instances.sign({ ...told, instance: "silent", epoch: 2n });
  // A sign that was under way for long.
  await at.sides.mongo.instances.sign({ ...told, instance: "silent", epoch: 1n });
  const [seen, more] = await known();
  expect(seen).toMatchObject({ ...told, instance: "silent", epoch: 2n, database: "postgres" });
  expect(more).toBeUndefined();
  await at.db.collection<{ _id: string }>("instances").updateOne({ _id: "silent" }, { $set: { seenAt: new Date(0) } });
  await at.sides.mongo.instances.sign({ ...told, instance: "other", epoch: 1n });
  await at.sides.mongo.instances.forgetSilent();
  expect((await at.sides.mongo.instances.seen()).map(({ instance }) => instance)).toEqual(["other"]);
  await at.sides.mongo.instances.forget("other");
  await at.sides.postgres.instances.forget("silent");
  expect(await known()).toEqual([]);
});

for (const [from, to] of [
  ["shadow", "live"],
  ["live", "shadow"],
] as const)
  test(`from ${from} to ${to}: a silent instance is waited for and named, until it is stated to be gone`, async () => {
    if ((await recover(hands())).stage !== from) await change(from);
    const { epoch } = await recover(hands());
    const { leases } = at.sides[stages[from].primary];
    for (const instance of ["silent", "slow"]) await leases.grant({ instance, epoch, milliseconds: 60_000 });
    const waits: Waiting[] = [];
    const onWait = (waiting: Waiting): void => void waits.push(waiting);
    await expect(change(to, { leasesMs: 30, onWait })).rejects.toMatchObject({ code: "STAGE_LEASES_HELD" });
    expect(waits[0]?.leases).toMatchObject([{ instance: "silent" }, { instance: "slow" }]);
    expect(waits[0]?.leases[0]?.leftMs).toBeGreaterThan(0);
    const gone = { instances: ["silent"], reason: "its machine was switched off" };
    // Only what is stated: the other one is waited for still.
    await expect(recover({ ...hands(), gone, leasesMs: 30 })).rejects.toMatchObject({ details: { holders: ["slow"] } });
    await expect(recover({ ...hands(), leasesMs: 30 })).rejects.toMatchObject({
      details: { holders: ["silent", "slow"] },
    });
    const both = { ...gone, instances: ["silent", "slow", "neither"] };
    const view = await recover({ ...hands(), by: "who states it", gone: both });
    expect(view).toMatchObject({ stage: to });
    await unit(at, view.primary, view.epoch);
    const { situation } = await showStage(at.sides);
    expect(situation).toMatchObject({
      at: {
        evidence: {
          gone: { by: "who states it", reason: gone.reason, instances: [{ instance: "silent" }, { instance: "slow" }] },
        },
      },
    });
    expect(await leases.outstanding(epoch, 60_000)).toEqual([]);
    // What it holds it cannot renew.
    await expect(leases.grant({ instance: "silent", epoch, milliseconds: 1 })).rejects.toMatchObject({
      code: "FENCED",
    });
  });
