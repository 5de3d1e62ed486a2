import { expect, test } from "vitest";
import { fixedView } from "../src/view.ts";
import { Shadow, type ShadowOptions } from "../src/module/shadow.ts";
import type { Database, Stage } from "../src/index.ts";

const always = (options: ShadowOptions = {}) => new Shadow({ rate: 1, ...options });
/** Answers of each database in turn; the last one is repeated. */
const answering = (answers: Readonly<Record<Database, readonly unknown[]>>) => {
  const left = { mongo: [...answers.mongo], postgres: [...answers.postgres] };
  return (database: Database): Promise<unknown> => {
    const [next] = left[database].length > 1 ? left[database].splice(0, 1) : left[database];
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
};
const counts = { sampled: 0, agreed: 0, lagged: 0, differed: 0, failed: 0 };

const cases = [
  ["agreed", { mongo: [], postgres: [{ a: 1n }] }],
  ["lagged", { mongo: [{ a: 1n }], postgres: [null, { a: 1n }] }],
  ["lagged", { mongo: [{ a: 2n }], postgres: [{ a: 2n }] }],
  ["differed", { mongo: [{ a: 1n }], postgres: [{ a: 3n }] }],
  ["failed", { mongo: [{ a: 1n }], postgres: [new Error("away")] }],
] as const;
for (const [outcome, answers] of cases)
  test(`the secondary's answers ${JSON.stringify(answers.postgres, text)} count as ${outcome}`, async () => {
    const shadow = always();
    shadow.sample(fixedView("shadow"), answering(answers), { a: 1n });
    await shadow.close();
    expect(shadow.counts).toEqual({ ...counts, sampled: 1, [outcome]: 1 });
  });

test("only the stages that compare are sampled, at their rate, and no more at once than allowed", async () => {
  const sampled = async (stage: Stage, options: ShadowOptions, reads: number): Promise<number> => {
    const shadow = always(options);
    for (let i = 0; i < reads; i += 1) shadow.sample(fixedView(stage), () => Promise.resolve(1), 1);
    await shadow.close();
    shadow.sample(fixedView(stage), () => Promise.resolve(1), 1);
    return shadow.counts.sampled;
  };
  const stages = ["mongo", "dual-write", "shadow", "live", "ramp-down", "postgres"] as const;
  const found: number[] = [];
  for (const stage of stages) found.push(await sampled(stage, {}, 1));
  expect(found).toEqual([0, 0, 1, 1, 0, 0]);
  expect(await sampled("shadow", { rate: 0 }, 100)).toBe(0);
  expect(await sampled("shadow", { concurrency: 2 }, 100)).toBe(2);
});

function text(_: string, value: unknown): unknown {
  if (value instanceof Error) return value.message;
  return typeof value === "bigint" ? String(value) : value;
}
