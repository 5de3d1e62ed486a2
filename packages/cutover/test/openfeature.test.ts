import { InMemoryProvider, OpenFeature } from "@openfeature/server-sdk";
import { refused, type Logger } from "@stellaops/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initialise } from "../src/initialise.ts";
import { checksOf } from "../src/guard/checks-of.ts";
import type { Guard } from "../src/guard/guard.ts";
import { followStageFlag, type StageRequestOptions } from "../src/openfeature/openfeature.ts";
import { showStage } from "../src/situation.ts";
import type { Stage } from "../src/stages.ts";
import { module, rig, type Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
  await initialise({ sides: at.sides, module, stage: "mongo", by: "test", reason: "begin" });
});
afterAll(async () => {
  await OpenFeature.close();
  await at[Symbol.asyncDispose]();
});

const flags = (stage: string) => ({
  [`stella.${module}.stage`]: { variants: { now: stage }, defaultVariant: "now", disabled: false },
});
const stageNow = async (): Promise<Stage | null> => {
  const { situation } = await showStage(at.sides);
  return situation.kind === "settled" ? situation.at.stage : null;
};

/** A flag service, and a guard that says yes until it is told to say no. */
async function setting(domain: string, more: Partial<StageRequestOptions> = {}) {
  const provider = new InMemoryProvider(flags(""));
  await OpenFeature.setProviderAndWait(domain, provider);
  const asked: string[] = [];
  const warned: object[] = [];
  const guard: Guard = (from, to) => {
    asked.push(`${from.stage} -> ${to}`);
    const evidence = { from: from.stage, to, passed: !setup.refuses, checks: [] };
    checksOf(from.stage, to);
    if (setup.refuses) throw refused("STAGE_GUARD", "backlog: 3 keys", { details: { evidence } });
    return Promise.resolve(evidence);
  };
  const logger: Logger = { debug() {}, info() {}, error() {}, warn: (fields) => void warned.push(fields) };
  const setup = {
    refuses: false,
    asked,
    warned,
    put: (stage: string) => provider.putConfiguration(flags(stage)),
    open,
  };
  function open() {
    return followStageFlag({
      client: OpenFeature.getClient(domain),
      module,
      pool: at.pool,
      change: { sides: at.sides, drained: () => Promise.resolve(true), guard },
      everyMs: 3_600_000,
      logger,
      ...more,
    });
  }
  return setup;
}

test("a flag that changes moves the module step by step, through the guards, and leaves who and why in the record", async () => {
  const { put, open, asked } = await setting("steps");
  const requests = open();
  expect(await requests.look()).toBe("none");
  put("live");
  await expect.poll(stageNow, { interval: 20, timeout: 20_000 }).toBe("live");
  expect(asked).toEqual(["mongo -> dual-write", "dual-write -> shadow", "shadow -> live"]);
  const { situation } = await showStage(at.sides);
  expect(situation).toMatchObject({
    at: { changedBy: "flag stella.demo.stage", reason: 'flag stella.demo.stage asks for "live"' },
  });
  expect(await requests.look()).toBe("there");
  put("shadow");
  await expect.poll(stageNow, { interval: 20, timeout: 20_000 }).toBe("shadow");
  await requests.close();
});

test("what a guard refuses is told with its evidence and stands, until the flag says something else", async () => {
  const setup = await setting("refusals");
  setup.refuses = true;
  setup.put("live");
  const requests = setup.open();
  await expect.poll(() => setup.warned, { interval: 20, timeout: 20_000 }).toHaveLength(1);
  expect(setup.warned[0]).toMatchObject({ code: "STAGE_GUARD", evidence: { passed: false, to: "live" } });
  for (let i = 0; i < 5; i += 1) expect(await requests.look()).toBe("standing");
  expect(setup.asked).toEqual(["shadow -> live"]);
  expect(await stageNow()).toBe("shadow");
  setup.put("ramp-down");
  await expect.poll(() => setup.asked, { interval: 20, timeout: 20_000 }).toHaveLength(2);
  await requests.close();
});

test("a refusal is tried again after its time", async () => {
  const setup = await setting("again", { refusedMs: 0 });
  setup.refuses = true;
  setup.put("live");
  const requests = setup.open();
  await expect.poll(() => setup.asked.length, { interval: 20, timeout: 20_000 }).toBe(1);
  expect(await requests.look()).toBe("refused");
  setup.refuses = false;
  expect(await requests.look()).toBe("stepped");
  expect(await stageNow()).toBe("live");
  await requests.close();
});

test("a step that ends replication is never taken for a flag, nor one to a word that is no stage", async () => {
  const setup = await setting("ends");
  setup.put("postgres");
  const requests = setup.open();
  await expect.poll(() => setup.warned, { interval: 20, timeout: 20_000 }).toHaveLength(1);
  expect(setup.warned[0]).toMatchObject({ code: "STAGE_REQUEST_ENDS" });
  expect(await stageNow()).toBe("ramp-down");
  setup.put("half-way");
  await expect.poll(() => setup.warned, { interval: 20, timeout: 20_000 }).toHaveLength(2);
  expect(setup.warned[1]).toMatchObject({ code: "STAGE_WORD" });
  expect(await stageNow()).toBe("ramp-down");
  await requests.close();
});

test("of several processes one takes the step, and a database that is away is tried again later", async () => {
  const setup = await setting("turns");
  setup.put("dual-write");
  const holder = await at.pool.connect();
  await holder.query("select pg_advisory_lock(hashtextextended($1, 0))", [`cutover.request/${module}`]);
  const requests = setup.open();
  expect(await requests.look()).toBe("busy");
  expect(setup.asked).toEqual([]);
  await holder.query("select pg_advisory_unlock_all()");
  holder.release();
  const other = setup.open();
  await Promise.all([requests.look(), other.look()]);
  await expect.poll(stageNow, { interval: 20, timeout: 20_000 }).toBe("dual-write");
  await Promise.all([requests.close(), other.close()]);
});
