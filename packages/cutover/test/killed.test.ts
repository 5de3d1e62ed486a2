import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { changeStage, initialise, recover, showStage, stepTowards } from "../src/index.ts";
import type { Database, FaultPoint, Stage, StageView } from "../src/index.ts";
import { handsOn, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
});
afterAll(() => at[Symbol.asyncDispose]());

const hands = () => handsOn(at.sides, "another");

async function goTo(stage: Stage): Promise<StageView> {
  for (;;) {
    const view = await recover(hands());
    const target = stepTowards(view.stage, stage);
    if (target === null) return view;
    await changeStage({ ...hands(), target, reason: "on the way" });
  }
}

/** @returns the signal that ended the process */
async function child(fault: FaultPoint, target: Stage | "revert"): Promise<string | null> {
  const script = fileURLToPath(new URL("child.ts", import.meta.url));
  const env = { ...process.env, POSTGRES: at.urls.postgres, MONGO: at.urls.mongo, TARGET: target, STELLA_FAULT: fault };
  const started = spawn(process.execPath, ["--conditions=@stellaops/source", script], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [, signal] = await once(started, "exit");
  return signal === null ? null : String(signal);
}

/** Exactly one database accepts, at one epoch, and nothing of the past does. */
async function expectOneOpen(view: StageView): Promise<void> {
  await unit(at, view.primary, view.epoch);
  const accepting: string[] = [];
  for (const database of ["mongo", "postgres"] satisfies Database[])
    for (let epoch = 1n; epoch <= view.epoch + 1n; epoch += 1n)
      await unit(at, database, epoch).then(
        () => accepting.push(`${database} ${epoch}`),
        () => {},
      );
  expect(accepting).toEqual([`${view.primary} ${view.epoch}`]);
}

const moving: readonly FaultPoint[] = [
  ...(["after-intention", "after-fence", "after-drain", "after-ready"] as const),
  ...(["after-decision", "after-leases", "after-open-new", "after-settled-new"] as const),
];
const keeping: readonly FaultPoint[] = [
  ...(["after-intention", "after-fence", "after-decision"] as const),
  ...(["after-close-old", "after-open", "after-settled"] as const),
];
const ways: readonly { from: Stage; to: Stage; points: readonly FaultPoint[] }[] = [
  { from: "mongo", to: "dual-write", points: keeping },
  { from: "shadow", to: "live", points: moving },
  { from: "ramp-down", to: "postgres", points: keeping },
  { from: "live", to: "shadow", points: moving },
];

for (const { from, to, points } of ways)
  for (const point of points)
    test(`from ${from} to ${to}, killed ${point}: whoever comes next finishes`, async () => {
      const before = await goTo(from);
      expect(await child(point, to)).toBe("SIGKILL");
      const view = await recover(hands());
      expect(view).toMatchObject({ stage: to, epoch: before.epoch + 1n });
      await expectOneOpen(view);
      expect(await recover(hands())).toEqual(view);
    });

for (const { from, to } of [
  { from: "shadow", to: "live" },
  { from: "live", to: "shadow" },
] as const)
  for (const point of ["after-intention", "after-fence", "after-ready"] as const)
    test(`from ${from} to ${to}, killed ${point}: whoever comes next may revert, and the change can be made again`, async () => {
      const before = await goTo(from);
      expect(await child(point, to)).toBe("SIGKILL");
      const view = await recover({ ...hands(), revert: true });
      expect(view).toMatchObject({ stage: from, epoch: before.epoch + 1n, generation: before.generation });
      await expectOneOpen(view);
      await changeStage({ ...hands(), target: to, reason: "again" });
      expect(await goTo(to)).toMatchObject({ epoch: before.epoch + 2n });
    });

for (const from of ["shadow", "live"] as const)
  for (const point of ["after-revert", "after-close-old", "after-open", "after-settled"] as const)
    test(`a revert at ${from}, killed ${point}: whoever comes next ends it`, async () => {
      const before = await goTo(from);
      expect(await child("after-ready", from === "shadow" ? "live" : "shadow")).toBe("SIGKILL");
      expect(await child(point, "revert")).toBe("SIGKILL");
      const view = await recover(hands());
      expect(view).toMatchObject({ stage: from, epoch: before.epoch + 1n });
      await expectOneOpen(view);
    });

test("after all this, one copy is settled", async () => {
  const { copies } = await showStage(at.sides);
  expect([copies.mongo?.state, copies.postgres?.state].filter((state) => state === "settled")).toHaveLength(1);
});
