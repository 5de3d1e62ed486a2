import { expect, test } from "vitest";
import { initialise, showStage } from "../src/index.ts";
import type { Initialisation, StageRecord } from "../src/index.ts";
import { changeTo, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

const begin = (at: Rig, stage: Initialisation["stage"]) =>
  initialise({ sides: at.sides, module, stage, by: "operator", reason: "start" });

test("a module that begins on PostgreSQL can go all the way back", async () => {
  await using at = await rig();
  expect(await begin(at, "postgres")).toMatchObject({ stage: "postgres", primary: "postgres", epoch: 1n });
  await unit(at, "postgres", 1n);
  for (const target of ["ramp-down", "live", "shadow", "dual-write", "mongo"] as const)
    expect(await changeTo(at.sides, target)).toMatchObject({ stage: target });
  await unit(at, "mongo", 6n);
});

test("of two that begin differently at once, one wins", async () => {
  for (let round = 0; round < 3; round += 1) {
    await using at = await rig();
    const outcomes = await Promise.allSettled([begin(at, "mongo"), begin(at, "postgres"), begin(at, "mongo")]);
    const views = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(views.length).toBeGreaterThan(0);
    for (const view of views) expect(view).toEqual(views[0]);
    const { copies } = await showStage(at.sides);
    expect([copies.mongo?.state, copies.postgres?.state].filter((state) => state === "settled")).toHaveLength(1);
  }
});

test("a beginning that was cut off after its first half is taken up by the same stage only", async () => {
  await using at = await rig();
  const half: StageRecord = {
    module,
    database: "postgres",
    state: "moved",
    epoch: 0n,
    stage: "mongo",
    target: null,
    generation: 1n,
    generations: [],
    changedAt: new Date(0),
    changedBy: "a dead process",
    reason: "start",
    evidence: null,
  };
  await at.sides.postgres.records.compareAndSet(null, half);
  await expect(begin(at, "postgres")).rejects.toMatchObject({ code: "STAGE_EXISTS" });
  expect(await begin(at, "mongo")).toMatchObject({ stage: "mongo", epoch: 1n });
  await expect(begin(at, "mongo")).rejects.toMatchObject({ code: "STAGE_EXISTS" });
});
