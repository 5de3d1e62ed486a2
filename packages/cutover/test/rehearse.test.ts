import { refused } from "@stellaops/kernel";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openVuln, type Vuln } from "../../vuln/src/index.ts";
import { recover, rehearse, type Rehearsal, type Stage } from "../src/index.ts";
import { advisoryOf, nextId, replicationRig, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
let service: Vuln;
beforeAll(async () => {
  rig = await replicationRig();
  await rig.goTo("mongo");
  service = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record", instance: "service" });
});
afterAll(async () => {
  await service.close();
  await rig[Symbol.asyncDispose]();
});
const seen: Stage[] = [];
afterEach(() => void seen.splice(0));

const options = (rest: Partial<Rehearsal> = {}): Rehearsal => ({
  sides: rig.sides,
  replicas: rig.copies,
  by: "operator",
  reason: "a rehearsal",
  guard: (_, target) => {
    seen.push(target);
    return Promise.resolve({ saw: target });
  },
  ...rest,
});

test("where nothing is replicated every step begins something, and none is rehearsed", async () => {
  const before = await rig.view();
  await expect(rehearse(options())).rejects.toMatchObject({ code: "REHEARSAL_NONE", family: "refused" });
  expect(await rig.view()).toEqual(before);
});

for (const [stage, around, across] of [
  ["dual-write", ["shadow", "dual-write"], ["shadow", "live", "shadow", "dual-write"]],
  ["shadow", ["dual-write", "shadow"], ["live", "shadow"]],
  ["live", ["ramp-down", "live"], ["shadow", "live"]],
  ["ramp-down", ["live", "ramp-down"], ["live", "shadow", "live", "ramp-down"]],
] as const)
  test(`at ${stage}: it goes around within the same primary, and there and back when asked, and tells what it cost`, async () => {
    await rig.goTo(stage);
    await service.tenant("acme").advisories.put(advisoryOf({ id: nextId() }), 0n);
    const { steps } = await rehearse(options());
    expect(steps.map(({ to }) => to)).toEqual(around);
    const told: Stage[] = [];
    const whole = await rehearse(options({ withPrimary: true, onStep: ({ to }) => told.push(to) }));
    expect(whole).toMatchObject({ stage });
    expect(told).toEqual([...around, ...across]);
    expect(seen).toEqual([...around, ...around, ...across]);
    for (const step of whole.steps) {
      expect(step).toMatchObject({ evidence: { saw: step.to }, instances: 1, missing: [] });
      expect(step.acknowledgedMs).toBeGreaterThanOrEqual(step.switchMs);
      const moves = (step.from === "shadow" && step.to === "live") || (step.from === "live" && step.to === "shadow");
      expect(step.drained === null).toBe(!moves);
    }
    expect((await rig.view()).stage).toBe(stage);
  });

test("an instance that is alive and acknowledges nothing is named", async () => {
  const { epoch, primary } = await rig.goTo("live");
  const told = { instance: "deaf", host: "host", pid: 1, version: "1", startedAt: new Date(), epoch };
  await rig.sides[primary].instances.sign(told);
  const { steps } = await rehearse(options({ acknowledgeMs: 1_000 }));
  expect(steps[0]).toMatchObject({ instances: 2, missing: ["deaf"] });
  await rig.sides[primary].instances.forget("deaf");
});

test("interrupted at any step, or refused by a guard, the module is taken back to where it was", async () => {
  await rig.goTo("shadow");
  for (const at of ["dual-write", "shadow", "live"] as const) {
    const stop = new AbortController();
    const guard = (_: unknown, target: Stage) => {
      seen.push(target);
      // Once, on the way; what takes it home asks the guard again.
      if (target === at && !stop.signal.aborted) stop.abort(new Error("Ctrl-C"));
      return Promise.resolve(null);
    };
    await expect(rehearse(options({ withPrimary: true, guard, signal: stop.signal }))).rejects.toThrow("Ctrl-C");
    expect((await rig.view()).stage).toBe("shadow");
  }
  const guard = (_: unknown, target: Stage) =>
    target === "live" ? Promise.reject(refused("STAGE_GUARD", "3 keys are parked")) : Promise.resolve(null);
  await expect(rehearse(options({ withPrimary: true, guard }))).rejects.toMatchObject({ code: "STAGE_GUARD" });
  expect((await rig.view()).stage).toBe("shadow");
});

test("where it cannot be taken back, the way is told", async () => {
  await rig.goTo("shadow");
  let refuses = false;
  const guard = () => (refuses ? Promise.reject(refused("STAGE_GUARD", "no")) : Promise.resolve((refuses = true)));
  const away = rehearse(options({ guard }));
  await expect(away).rejects.toMatchObject({ code: "REHEARSAL_AWAY", details: { home: "shadow", at: "dual-write" } });
  await expect(away).rejects.toThrow("stella-data stage advance");
  await recover({ sides: rig.sides, by: "operator", drained: () => Promise.resolve(true) });
});
