import { afterEach, beforeEach, expect, test } from "vitest";
import {
  abandon,
  changeStage,
  forceRecovery,
  initialise,
  liveStage,
  lossOf,
  noFaults,
  recover,
  showStage,
  stages,
} from "../src/index.ts";
import type { Change, Database, Faults, Sides, Stage, StageView } from "../src/index.ts";
import { proxyTo, type Proxy } from "@stellaops/testkit/proxy";
import { changeTo, connect, handsOn, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

/** The databases as somebody sees them who has lost one; each is behind a proxy that takes it away and gives it back. */
let at: Rig;
let proxies: Record<Database, Proxy>;
let seen: ReturnType<typeof connect>;
beforeEach(async () => {
  at = await rig();
  proxies = { mongo: await proxyTo(at.urls.mongo), postgres: await proxyTo(at.urls.postgres) };
  const mongo = new URL(proxies.mongo.url);
  mongo.searchParams.set("directConnection", "true");
  mongo.searchParams.set("serverSelectionTimeoutMS", "300");
  seen = connect({ postgres: proxies.postgres.url, mongo: mongo.href });
  seen.pool.on("error", () => {});
  seen.pool.on("connect", (client) => client.on("error", () => {}));
});
afterEach(async () => {
  await seen.pool.end();
  await seen.client.close();
  await Promise.all(Object.values(proxies).map((proxy) => proxy[Symbol.asyncDispose]()));
  await at[Symbol.asyncDispose]();
});

const hands = (sides: Sides, faults = noFaults): Change => ({ ...handsOn(sides), faults });
const change = (target: Stage, sides = at.sides) => changeTo(sides, target);

async function goTo(stage: Stage): Promise<StageView> {
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
  let view = await recover(hands(at.sides));
  while (view.stage !== stage) view = await change(stages[view.stage].next ?? stage);
  return view;
}

const force = async (sides: Sides, faults?: Faults) =>
  forceRecovery({ ...hands(sides, faults), reason: "the machine burnt", loss: await lossOf(sides, module) });

for (const { lost, stage } of [
  { lost: "mongo", stage: "shadow" },
  { lost: "postgres", stage: "live" },
] as const) {
  const survivor = lost === "mongo" ? "postgres" : "mongo";

  test(`${lost} is lost as primary: ${survivor} goes on alone, and when it comes back nobody who sees both believes it`, async () => {
    const old = await goTo(stage);
    const service = await liveStage({ module, sides: seen.sides, instance: "service", pollMs: 20 });
    proxies[lost].cut();
    const view = await force(seen.sides);
    expect(view).toMatchObject({ stage: survivor, primary: survivor, secondary: null });
    expect(view.epoch).toBeGreaterThan(old.epoch + 1_000n);
    expect(view.generation).toBe(view.epoch);
    // A service that runs goes on with it, at once.
    await expect.poll(() => service.current(), { interval: 5, timeout: 10_000 }).toEqual(view);
    await unit(at, survivor, view.epoch);
    proxies[lost].mend();
    const { situation } = await showStage(at.sides);
    expect(situation).toMatchObject({
      kind: "settled",
      at: { database: survivor },
      older: { database: lost, epoch: old.epoch },
    });
    const late = await liveStage({ module, sides: at.sides, instance: "late", pollMs: 20 });
    expect(late.current()).toEqual(view);
    // The lost one still lets its old units in: it is retired by whoever comes next.
    await unit(at, lost, old.epoch);
    expect(await recover(hands(at.sides))).toEqual(view);
    await expect(unit(at, lost, old.epoch)).rejects.toMatchObject({ code: "FENCED" });
    const after = await showStage(at.sides);
    expect(after.situation).not.toHaveProperty("older");
    expect(after.copies[lost]).toMatchObject({ state: "moved", epoch: view.epoch - 1n });
    const { history } = { history: after.copies[survivor] };
    expect(history).toMatchObject({ evidence: { forced: { lost } }, reason: "the machine burnt" });
    await service.close();
    await late.close();
    // And the whole way is open again.
    let next = view;
    for (let step = 0; step < 5; step += 1)
      next = await change((survivor === "mongo" ? stages[next.stage].next : stages[next.stage].previous) ?? "mongo");
    expect(next).toMatchObject({ stage: lost, primary: lost });
    await unit(at, lost, next.epoch);
  });

  test(`${lost} is lost between moved and settled: ${survivor} opens, also when whoever forces it dies on the way`, async () => {
    const old = await goTo(stage);
    await at.sides[lost].leases.grant({ instance: "silent", epoch: old.epoch, milliseconds: 600_000 });
    await expect(
      changeStage({
        ...hands(at.sides),
        target: stage === "shadow" ? "live" : "shadow",
        reason: "a test",
        leasesMs: 20,
      }),
    ).rejects.toMatchObject({ code: "STAGE_LEASES_HELD" });
    proxies[lost].cut();
    const died = force(seen.sides, {
      at(point) {
        if (point === "after-decision") throw new Error("died here");
      },
    });
    await expect(died).rejects.toThrow("died here");
    const view = await recover(hands(seen.sides));
    expect(view).toMatchObject({ stage: survivor, secondary: null });
    await unit(at, survivor, view.epoch);
    await expect(unit(at, survivor, old.epoch + 1n)).rejects.toMatchObject({ code: "FENCED" });
    proxies[lost].mend();
    expect(await recover(hands(at.sides))).toEqual(view);
    await expect(unit(at, lost, old.epoch)).rejects.toMatchObject({ code: "FENCED" });
  });

  test(`with ${survivor} dead, replication is abandoned at ${lost}, one legal step after the other`, async () => {
    const before = await goTo(stage);
    proxies[survivor].cut();
    const view = await abandon({ ...hands(seen.sides), reason: "the other one is dead" });
    expect(view).toMatchObject({ stage: lost, primary: lost, secondary: null, epoch: before.epoch + 2n });
    await unit(at, lost, view.epoch);
    expect(await abandon({ ...hands(seen.sides), reason: "again" })).toEqual(view);
    // It is no case for force.
    await expect(lossOf(seen.sides, module)).rejects.toMatchObject({
      code: "STAGE_NOT_LOST",
      message: expect.stringContaining("abandon"),
    });
  });
}

for (const { lost, stage } of [
  { lost: "mongo", stage: "shadow" },
  { lost: "postgres", stage: "live" },
] as const)
  for (const listen of [true, false])
    test(`a service that reaches both goes on with the survivor when ${lost} is given up by somebody else, and retires it (${listen ? "told" : "by looking"})`, async () => {
      const old = await goTo(stage);
      const [service, idle] = await Promise.all(
        [{ recover: () => recover(hands(at.sides)) }, {}].map((rest, index) =>
          liveStage({ module, sides: at.sides, instance: `service-${index}`, pollMs: 20, listen, ...rest }),
        ),
      );
      expect(await service?.begin()).toEqual(old);
      proxies[lost].cut();
      const view = await force(seen.sides);
      // Sooner than the minute after which a service keeps house.
      for (const one of [service, idle])
        await expect.poll(() => one?.begin(), { interval: 5, timeout: 10_000 }).toEqual(view);
      await expect
        .poll(async () => (await showStage(at.sides)).copies[lost], { interval: 20, timeout: 10_000 })
        .toMatchObject({ state: "moved", epoch: view.epoch - 1n });
      await expect(unit(at, lost, old.epoch)).rejects.toMatchObject({ code: "FENCED" });
      await unit(at, view.primary, view.epoch);
      await Promise.all([service?.close(), idle?.close()]);
    });

test("force is refused while both databases answer, and told apart where none does or nothing was initialised", async () => {
  proxies.mongo.cut();
  await expect(lossOf(seen.sides, module)).rejects.toMatchObject({ code: "STAGE_NONE" });
  proxies.mongo.mend();
  await goTo("shadow");
  await expect(lossOf(at.sides, module)).rejects.toMatchObject({ code: "STAGE_NOT_LOST", family: "refused" });
  proxies.mongo.cut();
  proxies.postgres.cut();
  await expect(lossOf(seen.sides, module)).rejects.toMatchObject({ code: "STAGE_UNKNOWN", family: "unavailable" });
});

test("a server that answers is not lost: a wrong login, a missing database, no schema", async () => {
  const hurt = async (urls: { readonly postgres?: string; readonly mongo?: string }): Promise<unknown> => {
    const wrong = connect({ ...at.urls, ...urls });
    wrong.pool.on("error", () => {});
    try {
      return await lossOf(wrong.sides, module).catch((error: unknown) => error);
    } finally {
      await wrong.pool.end();
      await wrong.client.close();
    }
  };
  const other = (url: string, parts: Partial<URL>): string => Object.assign(new URL(url), parts).href;
  const { postgres, mongo } = at.urls;
  await goTo("live");
  for (const [urls, code] of [
    [{ postgres: other(postgres, { username: "nobody", password: "mistyped" }) }, "LOGIN_REFUSED"],
    [{ postgres: other(postgres, { pathname: "/no_such_database" }) }, "DATABASE_MISSING"],
    [{ postgres: other(postgres, { pathname: "/postgres" }) }, "STATEMENT_INVALID"],
  ] as const)
    expect(await hurt(urls)).toMatchObject({
      code: "STAGE_NOT_LOST",
      message: expect.stringContaining(`postgres: ${code}`),
      details: { failures: [{ database: "postgres", code, answered: true }] },
    });
  await change("shadow");
  const mistyped = other(mongo, { username: "nobody", password: "mistyped", search: "?authSource=admin" });
  expect(await hurt({ mongo: mistyped })).toMatchObject({
    code: "STAGE_NOT_LOST",
    message: expect.stringContaining("mongo: LOGIN_REFUSED"),
  });
  // The other one does not answer, and this one refuses: who is the primary is not known, and both reasons are told.
  proxies.mongo.cut();
  const silent = "mongodb://127.0.0.1:9/none?serverSelectionTimeoutMS=300";
  const nobody = other(postgres, { username: "nobody", password: "mistyped" });
  expect(await hurt({ mongo: silent, postgres: nobody })).toMatchObject({
    code: "STAGE_UNKNOWN",
    message: expect.stringMatching(/mongo: CONNECTION_LOST.*postgres: LOGIN_REFUSED/),
  });
});

test("applies that began under the lost primary do not write over the survivor", async () => {
  const old = await goTo("shadow");
  proxies.mongo.cut();
  await force(seen.sides);
  await expect(at.pool.query("select cutover.enter_apply($1, $2)", [module, old.generation])).rejects.toMatchObject({
    code: "ST002",
  });
});
