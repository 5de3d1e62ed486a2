import { tenantId, transient } from "@stellaops/kernel";
import { describe, expect, test } from "vitest";
import { fixedStage, type StageSource } from "../src/source.ts";
import type { Access, Backend } from "../src/module/backend.ts";
import { liveRunner, type LiveOptions } from "../src/module/live-runner.ts";

const acme = tenantId("acme");
const [first, second] = [fixedStage("live").current(), fixedStage("shadow").current()];

/** A stage that is what the test says, and backends that only note what they were asked. */
function rig(rest: Partial<StageSource> = {}, more: Partial<LiveOptions> = {}) {
  const asked: string[] = [];
  const handed: string[] = [];
  const shadowed: unknown[] = [];
  const backend = (name: string): Backend => {
    const run: Backend["single"] = (access, work) => {
      asked.push(`${name} ${access.live === null ? "read" : `epoch ${access.live.epoch}`}`);
      touch(access);
      return work(() => ({}));
    };
    return { single: run, transaction: run };
  };
  const options: LiveOptions = {
    module: "demo",
    stage: { ...fixedStage("live"), ...rest },
    backends: { mongo: backend("mongo"), postgres: backend("postgres") },
    handOff: (keys) => handed.push(...keys.map(({ aggregate, tenant, id }) => `${aggregate}/${tenant}/${id}`)),
    shadow: (_view, _ask, answer) => shadowed.push(answer),
    ...more,
  };
  return { runner: liveRunner(options), asked, handed, shadowed };
}
const touch = ({ live }: Access): void => live?.register.touched("things", ["1"]);
const silentBackend: Backend = { single: (_, work) => work(() => ({})), transaction: (_, work) => work(() => ({})) };
const untouched = { mongo: silentBackend, postgres: silentBackend };
const put = { name: "things.put", kind: "write" } as const;
const get = { name: "things.get", kind: "read" } as const;
const done = (): Promise<string> => Promise.resolve("done");
const fenced = (): Promise<never> => Promise.reject(transient("FENCED", "over"));

test("keys are handed on after the commit, and not those of a unit that failed", async () => {
  const { runner, handed } = rig();
  await expect(runner.verb(acme, put, () => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
  expect(handed).toEqual([]);
  expect(await runner.verb(acme, put, done)).toBe("done");
  expect(handed).toEqual(["things/acme/1"]);
});

test("where nothing is replicated, nothing is handed on", async () => {
  const { runner, handed } = rig({ begin: () => Promise.resolve(fixedStage("postgres").current()) });
  await runner.transaction(acme, done);
  expect(handed).toEqual([]);
});

test("a fenced unit begins anew under the view that is learned then, and hands on only what it wrote there", async () => {
  const views = [first, second];
  let refreshed = 0;
  const { runner, asked, handed } = rig({
    begin: () => Promise.resolve(views.shift() ?? second),
    refresh: () => void (refreshed += 1),
  });
  let attempt = 0;
  expect(await runner.transaction(acme, () => ((attempt += 1) === 1 ? fenced() : done()))).toBe("done");
  expect(asked).toEqual(["postgres epoch 0", "mongo epoch 0"]);
  expect(refreshed).toBe(1);
  expect(handed).toEqual(["things/acme/1"]);
});

test("an answer that comes after its lease is asked for again, also when it is an error, and is not shadowed", async () => {
  const late = transient("LEASE_LOST", "ask again");
  for (const answers of [
    [done, done],
    [() => Promise.reject(new RangeError("only there")), done],
  ]) {
    let asks = 0;
    const { runner, shadowed } = rig({
      assertReadable() {
        asks += 1;
        if (asks === 1) throw late;
      },
    });
    let turn = 0;
    const read = runner.verb(acme, get, () => {
      const answer = answers[turn] ?? done;
      turn += 1;
      return answer();
    });
    expect(await read).toBe("done");
    expect(asks).toBe(2);
    expect(shadowed).toEqual(["done"]);
  }
});

test("an error under an unbroken lease is the answer", async () => {
  const { runner, shadowed } = rig();
  await expect(runner.verb(acme, get, () => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
  expect(shadowed).toEqual([]);
});

test("a fenced unit is run again as a whole, with fresh repositories each time, until the deadline and no longer", async () => {
  const given = new Set<unknown>();
  let attempts = 0;
  const { runner, handed } = rig();
  const always = runner.transaction(
    acme,
    (repositories) => {
      given.add(repositories);
      attempts += 1;
      return fenced();
    },
    { deadlineMs: 200 },
  );
  await expect(always).rejects.toMatchObject({ code: "FENCED", family: "transient" });
  expect(attempts).toBeGreaterThan(2);
  expect(given.size).toBe(attempts);
  expect(handed).toEqual([]);
});

describe("await: secondary", () => {
  const outcomes = ["applied", "late", "refused"] as const;
  for (const outcome of outcomes)
    test(`the caller gets its answer and is told "${outcome}", after the keys were handed on`, async () => {
      const told: string[] = [];
      const waited: unknown[] = [];
      const { runner, handed } = rig(
        {},
        {
          applied(keys, deadlineMs) {
            waited.push([keys.length, deadlineMs, handed.length]);
            return Promise.resolve(outcome);
          },
        },
      );
      const options = { await: "secondary", awaitMs: 70, onSecondary: (what: string) => told.push(what) } as const;
      expect(await runner.transaction(acme, done, options)).toBe("done");
      expect(told).toEqual([outcome]);
      expect(waited).toEqual([[1, 70, 1]]);
    });

  test("nobody is waited for where nothing is replicated or nothing was changed, nor where the caller does not ask", async () => {
    const told: string[] = [];
    const options = { await: "secondary", onSecondary: (what: string) => told.push(what) } as const;
    const never = { applied: () => Promise.reject(new Error("nobody asked")) };
    const alone = rig({ begin: () => Promise.resolve(fixedStage("postgres").current()) }, never);
    await alone.runner.transaction(acme, done, options);
    const idle = rig({}, { ...never, backends: untouched });
    await idle.runner.transaction(acme, done, options);
    expect(told).toEqual(["none", "none"]);
    await rig({}, never).runner.transaction(acme, done, { onSecondary: (what) => told.push(what) });
    expect(told).toHaveLength(2);
  });

  test("as an option of the module it holds for every write, and a call says otherwise", async () => {
    const waited: number[] = [];
    const applied = (_: unknown, deadlineMs: number) => {
      waited.push(deadlineMs);
      return Promise.resolve("applied" as const);
    };
    const { runner } = rig({}, { applied, awaits: { await: "secondary", awaitMs: 5 } });
    await runner.verb(acme, put, done);
    await runner.verb(acme, get, done);
    await runner.transaction(acme, done, { await: "primary" });
    await runner.transaction(acme, done, { awaitMs: 6 });
    expect(waited).toEqual([5, 6]);
  });

  test("neither a waiting that fails nor a callback that throws takes the answer away", async () => {
    const { runner } = rig({}, { applied: () => Promise.reject(new Error("broken")) });
    const told: string[] = [];
    const answer = await runner.transaction(acme, done, {
      await: "secondary",
      onSecondary(outcome) {
        told.push(outcome);
        throw new RangeError("no");
      },
    });
    expect([answer, told]).toEqual(["done", ["late"]]);
  });
});

test("the points of a unit come in their order, and again in each attempt", async () => {
  const points: string[] = [];
  const { runner } = rig({}, { faults: { at: (point) => void points.push(point) } });
  let attempt = 0;
  await runner.verb(acme, put, () => {
    points.push("work");
    return (attempt += 1) === 1 ? fenced() : done();
  });
  expect(points).toEqual(["unit-begun", "work", "unit-begun", "work", "unit-written", "unit-committed", "unit-handed"]);
});

test("a unit is capped as the module says, and as the backend does by default where it says nothing", async () => {
  const caps: unknown[] = [];
  const noting: Backend["single"] = (access, work) => {
    caps.push(access.live?.capMs);
    return work(() => ({}));
  };
  const backends = {
    mongo: { single: noting, transaction: noting },
    postgres: { single: noting, transaction: noting },
  };
  await rig({}, { backends, unitCapMs: 70 }).runner.verb(acme, put, done);
  await rig({}, { backends }).runner.transaction(acme, done);
  expect(caps).toEqual([70, undefined]);
});
