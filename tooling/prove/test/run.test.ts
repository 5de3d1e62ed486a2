import { expect, test } from "vitest";
import type { Servers } from "@stellaops/servers";
import type { Experiment, Setting } from "../src/experiment.ts";
import { runAll } from "../src/run.ts";

const servers = { postgres: { version: "18" }, mongo: { version: "6" } } as Servers;
const experiment = (
  run: (setting: Setting) => Promise<readonly string[]>,
  ...kinds: readonly string[]
): Experiment => ({
  claim: "it holds",
  full: "many times",
  seconds: 10,
  sabotages: Object.fromEntries(kinds.map((kind) => [kind, "breaks it"])),
  run: async (setting) => ({ counts: { seen: 3 }, broken: await run(setting) }),
});

async function prove(experiments: Readonly<Record<string, Experiment>>, sabotage: string | null = null) {
  const lines: string[] = [];
  const stop = new AbortController();
  const report = await runAll({
    experiments,
    options: {
      names: Object.keys(experiments),
      seconds: null,
      seed: 42,
      full: false,
      sabotage,
      list: null,
      json: false,
    },
    servers,
    log: () => {},
    tell: (line) => lines.push(line),
    signal: stop.signal,
  });
  return { report, lines };
}

test("one row each, with what was counted and the seed", async () => {
  const { report, lines } = await prove({ first: experiment(async () => []) });
  expect(report).toMatchObject({ holds: true, experiments: [{ experiment: "first", seed: 42, complete: true }] });
  expect(lines).toEqual([expect.stringMatching(/^first +holds +seen 3 .*seed 42$/)]);
});

test("what is broken is told, a sentence each, and the others still run", async () => {
  const { report, lines } = await prove({
    first: experiment(async () => ["k1: lost", "k2: lost"]),
    second: experiment(async () => []),
  });
  expect(report.holds).toBe(false);
  expect(report.experiments.map(({ holds }) => holds)).toEqual([false, true]);
  expect(lines.slice(1, 3)).toEqual(["    k1: lost", "    k2: lost"]);
});

test("one that cannot be carried through is broken, not held", async () => {
  const { report } = await prove({ first: experiment(() => Promise.reject(new Error("no server"))) });
  expect(report).toMatchObject({ holds: false, experiments: [{ complete: false }] });
  expect(report.experiments[0]?.broken).toEqual(["it could not be carried through: no server"]);
});

test("a rejection that nobody handles is broken", async () => {
  const listeners = process.rawListeners("unhandledRejection");
  // The test runner has listeners of its own, which would fail the test.
  process.removeAllListeners("unhandledRejection");
  try {
    const { report } = await prove({
      first: experiment(async () => {
        void Promise.reject(new Error("astray"));
        return [];
      }),
    });
    expect(report.experiments[0]?.broken).toEqual(["a rejection that nobody handled: astray"]);
  } finally {
    for (const listener of listeners) process.on("unhandledRejection", listener as () => void);
  }
});

test("with every sabotage, each has to be reported by the experiment itself", async () => {
  const sees = experiment(async ({ sabotage }) => (sabotage === null ? [] : [`seen ${sabotage}`]), "a", "b");
  expect((await prove({ sees }, "all")).report).toMatchObject({ holds: true });
  const blind = experiment(async ({ sabotage }) => (sabotage === "a" ? ["seen"] : []), "a", "b");
  const { report, lines } = await prove({ sees, blind }, "all");
  expect(report.holds).toBe(false);
  expect(lines).toEqual([
    expect.stringMatching(/^sees +a +reported +seen a/),
    expect.stringMatching(/^sees +b +reported/),
    expect.stringMatching(/^blind +a +reported/),
    expect.stringMatching(/^blind +b +MISSED/),
  ]);
  const falls = experiment(() => Promise.reject(new Error("fell")), "a");
  expect((await prove({ falls }, "all")).report.holds).toBe(false);
});
