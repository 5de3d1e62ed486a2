import { expect, test } from "vitest";
import { assertStep, newGeneration, settle, stageNames, stages } from "../src/index.ts";
import type { StageRecord } from "../src/index.ts";

const copy = {
  module: "demo",
  target: null,
  generation: 1n,
  generations: [],
  changedAt: new Date(0),
  changedBy: "",
  reason: "",
  evidence: null,
};

test("stages change one step at a time, forward or back", () => {
  for (const from of stageNames)
    for (const to of stageNames) {
      const near = Math.abs(stageNames.indexOf(from) - stageNames.indexOf(to)) === 1;
      let error: unknown;
      try {
        assertStep(from, to);
      } catch (thrown) {
        error = thrown;
      }
      expect(error === undefined, `${from} to ${to}`).toBe(near);
    }
});

test("a generation begins whenever replication begins or ends, and at no other step", () => {
  for (const stage of stageNames)
    for (const target of [stages[stage].next, stages[stage].previous]) {
      if (target === null) continue;
      const at: StageRecord = {
        ...copy,
        database: stages[stage].primary,
        state: "settled",
        stage,
        epoch: 7n,
        generations: [1n],
      };
      const replicated = stages[stage].secondary !== null;
      const replicates = stages[target].secondary !== null;
      expect(newGeneration(at, target)).toEqual({
        stage: target,
        generation: replicated === replicates ? 1n : 8n,
        generations: !replicated && replicates ? [1n, 8n] : [1n],
      });
    }
});

test("two copies that contradict each other are told apart by epoch, and by state within it", () => {
  const mongo = { ...copy, database: "mongo", stage: "shadow" } as const;
  const postgres = { ...copy, database: "postgres", stage: "live" } as const;
  const cases = [
    [{ ...mongo, state: "settled", epoch: 5n }, null, "settled"],
    [{ ...mongo, state: "settled", epoch: 5n }, { ...postgres, state: "ready", epoch: 6n }, "settled"],
    [{ ...mongo, state: "moving", epoch: 5n }, { ...postgres, state: "ready", epoch: 6n }, "moving"],
    [{ ...mongo, state: "moved", epoch: 5n }, { ...postgres, state: "ready", epoch: 6n }, "moved"],
    [{ ...mongo, state: "moved", epoch: 5n }, { ...postgres, state: "settled", epoch: 6n }, "settled"],
    [{ ...mongo, state: "opening", epoch: 6n }, { ...postgres, state: "ready", epoch: 6n }, "opening"],
    [{ ...mongo, state: "moved", epoch: 5n }, undefined, "unknown"],
    [{ ...mongo, state: "moved", epoch: 5n }, { ...postgres, state: "ready", epoch: 4n }, "unknown"],
    [undefined, { ...postgres, state: "settled", epoch: 6n }, "settled"],
    [null, null, "none"],
    [null, undefined, "unknown"],
  ] as const;
  for (const [first, second, kind] of cases) expect(settle({ mongo: first, postgres: second }).kind).toBe(kind);
});
