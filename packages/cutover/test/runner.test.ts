import { tenantId, transient } from "@stellaops/kernel";
import { expect, test } from "vitest";
import { fixedStage, type StageSource } from "../src/index.ts";
import type { Access, Backend } from "../src/module/backend.ts";
import { liveRunner, type LiveOptions } from "../src/module/runner.ts";

const acme = tenantId("acme");
const [first, second] = [fixedStage("live").current(), fixedStage("shadow").current()];

/** A stage that is what the test says, and backends that only note what they were asked. */
function rig(rest: Partial<StageSource> = {}) {
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
    handOff: (_view, keys) => handed.push(...keys.map(({ aggregate, tenant, id }) => `${aggregate}/${tenant}/${id}`)),
    shadow: (_view, _ask, answer) => shadowed.push(answer),
  };
  return { runner: liveRunner(options), asked, handed, shadowed };
}
const touch = ({ live }: Access): void => live?.register.touched("things", ["1"]);
const done = (): Promise<string> => Promise.resolve("done");
const fenced = (): Promise<never> => Promise.reject(transient("FENCED", "over"));

test("keys are handed on after the commit, and not those of a unit that failed", async () => {
  const { runner, handed } = rig();
  await expect(runner.verb(acme, "write", () => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
  expect(handed).toEqual([]);
  expect(await runner.verb(acme, "write", done)).toBe("done");
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
    const read = runner.verb(acme, "read", () => {
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
  await expect(runner.verb(acme, "read", () => Promise.reject(new RangeError("no")))).rejects.toThrow(RangeError);
  expect(shadowed).toEqual([]);
});
