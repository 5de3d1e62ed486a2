import { transient } from "@stellaops/kernel";
import { expect, test } from "vitest";
import { judge } from "../src/module/judge.ts";
import { Shadow, type ShadowOptions } from "../src/module/shadow.ts";
import { fixedStage, type Database, type Stage } from "../src/index.ts";
import { fixedView } from "../src/view.ts";

const one = (id: string, revision: bigint, title = "same") => ({ id, revision, title });

test("answers are judged by revision", () => {
  const [a1, a2, b1] = [one("a", 1n), one("a", 2n), one("b", 1n)];
  const page = (...items: object[]) => ({ items, next: "further" });
  const cases = [
    [a1, one("a", 1n), "agreed"],
    [a2, a1, "behind"],
    [a1, one("a", 1n, "other"), "differed"],
    [a1, a2, "unequal"],
    [a1, b1, "unequal"],
    [a1, null, "unequal"],
    [null, null, "agreed"],
    [3n, 4n, "unequal"],
    [[a2, b1], [a1, b1], "behind"],
    [[a2, b1], [a1, one("b", 1n, "other")], "differed"],
    [[a1, b1], [b1, a1], "unequal"],
    [[a1, b1], [a1], "unequal"],
    [page(a2), page(a1), "behind"],
    [page(a1), { items: [a1], next: null }, "unequal"],
  ] as const;
  for (const [primary, secondary, verdict] of cases) expect(judge(primary, secondary)).toBe(verdict);
});

/** Answers of each database in turn; the last one is repeated. */
const answering = (answers: Readonly<Record<Database, readonly unknown[]>>) => {
  const left = { mongo: [...answers.mongo], postgres: [...answers.postgres] };
  return (database: Database): Promise<unknown> => {
    const [next] = left[database].length > 1 ? left[database].splice(0, 1) : left[database];
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
};

/** Everything is sampled, and the outcomes are noted. */
function always(options: Partial<ShadowOptions> = {}) {
  const outcomes: string[] = [];
  const shadow = new Shadow({
    stage: fixedStage("shadow"),
    behind: () => Promise.resolve(false),
    onOutcome: (_view, outcome) => outcomes.push(outcome),
    busy: () => 0,
    ...options,
    budget: { rate: 1, ...options.budget },
  });
  return { shadow, outcomes };
}
const view = fixedView("shadow");

const cases = [
  ["agreed", { mongo: [], postgres: [1n] }],
  // By the time it is asked again it is there.
  ["lagged", { mongo: [1n], postgres: [null, 1n] }],
  // The primary has moved on.
  ["lagged", { mongo: [2n, 3n, 3n], postgres: [2n, 2n, 3n] }],
  ["differed", { mongo: [1n], postgres: [3n] }],
  ["differed", { mongo: [one("a", 1n)], postgres: [one("a", 1n, "other")] }],
  ["failed", { mongo: [1n], postgres: [new Error("away")] }],
] as const;
for (const [index, [outcome, answers]] of cases.entries())
  test(`answers that are ${outcome} count so (${index})`, async () => {
    const { shadow, outcomes } = always();
    shadow.sample(view, answering(answers), 1n);
    await expect.poll(() => outcomes, { interval: 5 }).toEqual([outcome]);
    await shadow.close();
  });

test("an older revision on the secondary is lag, and asked only once", async () => {
  const { shadow, outcomes } = always({ behind: () => Promise.reject(new Error("not needed")) });
  const asked: Database[] = [];
  const ask = (database: Database) => {
    asked.push(database);
    return Promise.resolve(one("a", 1n));
  };
  shadow.sample(view, ask, one("a", 2n));
  await expect.poll(() => outcomes, { interval: 5 }).toEqual(["lagged"]);
  expect(asked).toEqual(["postgres"]);
  await shadow.close();
});

test("while something is on its way to the secondary, an answer without a revision does not differ", async () => {
  let looks = 0;
  const { shadow, outcomes } = always({ behind: () => Promise.resolve((looks += 1) < 3) });
  shadow.sample(view, answering({ mongo: [1n], postgres: [0n, 0n, 0n, 1n] }), 1n);
  await expect.poll(() => outcomes, { interval: 5 }).toEqual(["lagged"]);
  await shadow.close();
});

test("an answer that was changed by whoever got it is asked anew", async () => {
  const { shadow, outcomes } = always();
  shadow.sample(view, answering({ mongo: [one("a", 1n)], postgres: [one("a", 1n)] }), one("a", 1n, "changed"));
  await expect.poll(() => outcomes, { interval: 5 }).toEqual(["lagged"]);
  await shadow.close();
});

test("once the stage has moved on, or the lease has ended, a sample says nothing", async () => {
  const stage = fixedStage("shadow");
  const moved: Partial<ShadowOptions>[] = [
    { stage: { ...stage, beginRead: () => Promise.resolve({ term: 1, view: { ...view, epoch: 7n } }) } },
    {
      stage: {
        ...stage,
        assertReadable: () => {
          throw transient("LEASE_LOST", "ask again");
        },
      },
    },
  ];
  for (const options of moved) {
    const { shadow, outcomes } = always(options);
    let asks = 0;
    shadow.sample(view, (database) => Promise.resolve(database === "mongo" ? 1n : (asks += 1)), 1n);
    await expect.poll(() => asks, { interval: 5 }).toBeGreaterThan(0);
    await shadow.close();
    expect(outcomes).toEqual([]);
  }
});

test("only the stages that compare are sampled, at their rate, no more at once than allowed, and not while the process is busy", async () => {
  const sampled = async (stage: Stage, options: Partial<ShadowOptions>, reads: number): Promise<number> => {
    const { shadow, outcomes } = always(options);
    let asks = 0;
    const ask = () => Promise.resolve((asks += 1) > 0);
    for (let i = 0; i < reads; i += 1) shadow.sample(fixedView(stage), ask, true);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    await shadow.close();
    shadow.sample(fixedView(stage), ask, true);
    expect(outcomes).toHaveLength(asks);
    return asks;
  };
  const stages = ["mongo", "dual-write", "shadow", "live", "ramp-down", "postgres"] as const;
  const found: number[] = [];
  for (const stage of stages) found.push(await sampled(stage, {}, 1));
  expect(found).toEqual([0, 0, 1, 1, 0, 0]);
  expect(await sampled("shadow", { budget: { rate: 0 } }, 100)).toBe(0);
  expect(await sampled("shadow", { budget: { rate: 1, concurrency: 3 } }, 100)).toBe(3);
  expect(await sampled("shadow", { busy: () => 0.51 }, 100)).toBe(0);
});

test("a secondary that hangs is let go of when the module closes", async () => {
  const { shadow, outcomes } = always();
  let asked = false;
  const ask = () => {
    asked = true;
    return new Promise(() => {});
  };
  shadow.sample(view, ask, 1);
  await expect.poll(() => asked, { interval: 5 }).toBe(true);
  await shadow.close();
  expect(outcomes).toEqual([]);
});
