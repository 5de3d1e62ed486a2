import { setTimeout as pause } from "node:timers/promises";
import { codeOf, familyOf } from "@stellaops/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeStage, initialise, recover, showStage, stages } from "../src/index.ts";
import type { Database, Faults, Stage, StageView } from "../src/index.ts";
import { changeTo, handsOn, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
});
afterAll(() => at[Symbol.asyncDispose]());

const seed = Number(process.env["STELLA_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
let state = seed;
/** Mulberry32: the choices repeat with the seed, the servers' timing does not. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}
const oneOf = <T>(items: readonly T[]): T => {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("nothing to choose from");
  return item;
};

test("a finisher and a reverter at once: exactly one of them wins, from either database", async () => {
  const hands = (by: string) => handsOn(at.sides, by);
  const change = (target: Stage) => changeTo(at.sides, target);
  await change("dual-write");
  await change("shadow");
  const winners = { finished: 0, reverted: 0 };
  for (let round = 0; round < 30; round += 1) {
    const { situation } = await showStage(at.sides);
    if (situation.kind !== "settled") throw new Error(`${situation.kind} at the beginning of a round`);
    const copy = situation.at;
    const target = copy.stage === "shadow" ? ("live" as const) : ("shadow" as const);
    const { records } = at.sides[copy.database];
    await records.compareAndSet(copy, { ...copy, state: "moving", target, changedBy: "a dead process" });
    const both = [
      () => recover(hands("finisher")),
      () => pause(random() * 12).then(() => recover({ ...hands("reverter"), revert: true })),
    ];
    const views = await Promise.all(both.map((go) => go()));
    const [first] = views;
    expect(views, `seed ${seed}, round ${round}`).toEqual([first, first]);
    expect([copy.stage, target]).toContain(first?.stage);
    expect(first?.epoch).toBe(copy.epoch + 1n);
    winners[first?.stage === target ? "finished" : "reverted"] += 1;
  }
  console.log(`contested: ${JSON.stringify(winners)}, seed ${seed}`);
  expect(winners.finished + winners.reverted).toBe(30);
});

test("operators that die and sleep at any step, writers that believe anything: never two databases accept", async () => {
  const until = performance.now() + Number(process.env["STELLA_SECONDS"] ?? 8) * 1_000;
  const running = (): boolean => performance.now() < until;
  const seen: StageView[] = [];
  const inside = { mongo: 0, postgres: 0 } satisfies Record<Database, number>;
  const violations: string[] = [];
  const counts = { committed: 0, fenced: 0, changed: 0, died: 0, slept: 0 };
  let newest = 0n;

  const learn = async (): Promise<void> => {
    const { situation } = await showStage(at.sides);
    if (situation.kind === "settled" && seen.at(-1)?.epoch !== situation.at.epoch)
      seen.push({ ...situation.at, ...stages[situation.at.stage], fenced: true });
  };
  const write = async ({ primary, epoch }: StageView): Promise<void> => {
    const floor = newest;
    const other: Database = primary === "mongo" ? "postgres" : "mongo";
    let counted = false;
    const leave = (): void => {
      if (counted) inside[primary] -= 1;
      counted = false;
    };
    try {
      await unit(at, primary, epoch, async () => {
        inside[primary] += 1;
        counted = true;
        if (inside[other] > 0) violations.push(`a unit of ${primary} at ${epoch} beside one of ${other}`);
        await pause(random() * (random() < 0.2 ? 80 : 5));
        if (inside[other] > 0) violations.push(`a unit of ${other} beside one of ${primary} at ${epoch}`);
        leave();
      });
      if (epoch < floor) violations.push(`epoch ${epoch} committed after epoch ${floor} had`);
      newest = epoch > newest ? epoch : newest;
      counts.committed += 1;
    } catch (error) {
      leave();
      if (codeOf(error) === "FENCED") counts.fenced += 1;
    }
  };
  const writer = async (): Promise<void> => {
    while (running()) {
      await learn();
      // Mostly what is true, sometimes what was true at any time.
      const view = random() < 0.7 ? seen.at(-1) : oneOf(seen);
      if (view !== undefined) await write(view);
    }
  };
  /** At each point: on it goes, or it sleeps a while, or it is never heard of again. */
  const troubled = (die: () => void): Faults => ({
    at() {
      const fate = random();
      if (fate < 0.1) {
        counts.died += 1;
        die();
        return new Promise(() => {});
      }
      if (fate < 0.3) counts.slept += 1;
      return fate < 0.3 ? pause(random() * 300) : undefined;
    },
  });
  const operator = async (): Promise<void> => {
    while (running()) {
      let die = (): void => {};
      const death = new Promise<void>((resolve) => {
        die = resolve;
      });
      const hands = { ...handsOn(at.sides), faults: troubled(die) };
      const work = async (): Promise<void> => {
        if (random() < 0.2) return void (await recover({ ...hands, revert: true }));
        const { stage } = await recover(hands);
        const target = oneOf([stages[stage].next, stages[stage].previous].filter((to) => to !== null));
        await changeStage({ ...hands, target, reason: "to and fro" });
        counts.changed += 1;
      };
      const refusedOr = (error: unknown): void => {
        if (familyOf(error) === undefined) violations.push(String(error));
      };
      await Promise.race([work().catch(refusedOr), death]);
    }
  };
  await learn();
  await Promise.all([writer(), writer(), writer(), writer(), writer(), writer(), operator(), operator(), operator()]);
  console.log(`contested: ${JSON.stringify(counts)}, epoch ${seen.at(-1)?.epoch}, seed ${seed}`);
  expect(violations, `seed ${seed}`).toEqual([]);
  expect(counts.committed).toBeGreaterThan(0);
  expect(counts.fenced).toBeGreaterThan(0);
  const view = await recover(handsOn(at.sides));
  await unit(at, view.primary, view.epoch);
});
