import { codeOf, refused } from "@stellaops/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initialise, showStage, stages } from "../src/index.ts";
import type { Stage, StageChange } from "../src/index.ts";
import { changeTo, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
});
afterAll(() => at[Symbol.asyncDispose]());

const change = (target: Stage, rest?: Partial<StageChange>) => changeTo(at.sides, target, rest);

test("a module goes the whole way forward and back, and forward again", async () => {
  await expect(change("dual-write")).rejects.toMatchObject({ code: "STAGE_NONE" });
  let view = await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
  expect(view).toMatchObject({ stage: "mongo", primary: "mongo", epoch: 1n, generation: 1n });
  const forward: readonly Stage[] = ["dual-write", "shadow", "live", "ramp-down", "postgres"];
  const back: readonly Stage[] = ["ramp-down", "live", "shadow", "dual-write", "mongo"];
  for (const target of [...forward, ...back, ...forward]) {
    const before = view;
    view = await change(target);
    expect(view).toMatchObject({ stage: target, primary: stages[target].primary, epoch: before.epoch + 1n });
    const begins = stages[before.stage].secondary === null || stages[target].secondary === null;
    expect(view.generation).toBe(begins ? view.epoch : before.generation);
    await unit(at, view.primary, view.epoch);
    await expect(unit(at, before.primary, before.epoch)).rejects.toMatchObject({ code: "FENCED" });
  }
  // Replication began at epochs 2, 7 and 12; each of these generations is remembered until the end.
  expect(view.generations).toEqual([2n, 7n, 12n]);
  const { copies } = await showStage(at.sides);
  expect(copies.mongo).toMatchObject({ state: "moved" });
  expect(copies.postgres).toMatchObject({ state: "settled", changedBy: "operator", reason: "a test" });
});

test("initialising again is refused", async () => {
  const again = initialise({ sides: at.sides, module, stage: "postgres", by: "operator", reason: "again" });
  await expect(again).rejects.toMatchObject({ code: "STAGE_EXISTS" });
});

test("a step that skips a stage is refused, and one to the stage that is there does nothing", async () => {
  await expect(change("live")).rejects.toMatchObject({ code: "STAGE_STEP", family: "refused" });
  const before = await change("postgres");
  expect(await change("postgres")).toEqual(before);
});

test("a guard refuses before anything is written, and what it saw is kept when it agrees", async () => {
  const before = await showStage(at.sides);
  const guard = () => Promise.reject(refused("GUARD_PENDING", "3 keys are pending"));
  await expect(change("ramp-down", { guard })).rejects.toMatchObject({ code: "GUARD_PENDING" });
  expect(await showStage(at.sides)).toEqual(before);
  await change("ramp-down", { guard: () => Promise.resolve({ pending: 0 }) });
  expect((await showStage(at.sides)).copies.postgres?.evidence).toEqual({ pending: 0 });
});

test("a drain that does not end reverts the change: the same stage, under a new epoch", async () => {
  const before = await change("live");
  const late = await change("shadow", { drained: () => Promise.resolve(false), drainMs: 50 }).catch((e: unknown) => e);
  expect(codeOf(late)).toBe("STAGE_REVERTED");
  const { situation } = await showStage(at.sides);
  expect(situation).toMatchObject({
    kind: "settled",
    at: { stage: "live", epoch: before.epoch + 1n, generation: before.generation },
  });
  await unit(at, "postgres", before.epoch + 1n);
  await expect(unit(at, "postgres", before.epoch)).rejects.toMatchObject({ code: "FENCED" });
  expect(await change("shadow")).toMatchObject({ epoch: before.epoch + 2n, primary: "mongo" });
});

test("PostgreSQL and MongoDB keep every line of the history", async () => {
  const { rows } = await at.pool.query<{ state: string }>(
    "select state from cutover.stage_history order by epoch, changed_at",
  );
  expect(rows.length).toBeGreaterThan(20);
  const lines = await at.db.collection("stage_history").find().toArray();
  expect(lines.length).toBeGreaterThan(20);
});
