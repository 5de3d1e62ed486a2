import { afterAll, beforeAll, expect, test } from "vitest";
import { mongoShadow, noReads, postgresShadow, type ShadowTables } from "../src/index.ts";
import { shadowCheck } from "../src/guard/shadow-check.ts";
import { ShadowLedger } from "../src/module/shadow-ledger.ts";
import { fixedView } from "../src/view.ts";
import { module, rig, type Rig } from "./rig.ts";

let at: Rig;
let tables: ShadowTables;
beforeAll(async () => {
  at = await rig();
  tables = { postgres: postgresShadow(at.pool, module), mongo: mongoShadow(at.db) };
});
afterAll(() => at[Symbol.asyncDispose]());

const view = (stage: "shadow" | "live", epoch: bigint) => ({ ...fixedView(stage), epoch });

for (const stage of ["shadow", "live"] as const)
  test(`at ${stage}, each instance tells its counts to the primary, and they are added up for that stay alone`, async () => {
    const primary = stage === "shadow" ? "mongo" : "postgres";
    const [one, two] = ["one", "two"].map((instance) => new ShadowLedger({ tables, instance, everyMs: 60_000 }));
    if (one === undefined || two === undefined) throw new Error("no ledgers");
    for (const outcome of ["agreed", "agreed", "lagged"] as const) one.count(view(stage, 200n), outcome);
    for (const outcome of ["agreed", "failed"] as const) two.count(view(stage, 200n), outcome);
    two.count(view(stage, 201n), "differed");
    // Told twice, and added to in between.
    await one.tell();
    one.count(view(stage, 200n), "agreed");
    await Promise.all([one.close(), two.close()]);
    expect(await tables[primary].totals(200n)).toEqual({ sampled: 6, agreed: 4, lagged: 1, differed: 0, failed: 1 });
    expect(await tables[primary].totals(201n)).toEqual({ ...noReads, sampled: 1, differed: 1 });
    expect(await tables[primary === "mongo" ? "postgres" : "mongo"].totals(200n)).not.toMatchObject({ failed: 2 });

    const check = (epoch: bigint, least: number) => shadowCheck(tables[primary], { module, epoch, least });
    expect(await check(200n, 4)).toMatchObject({ passed: true, fix: null });
    expect(await check(200n, 5)).toMatchObject({ passed: false, fix: expect.stringContaining("--min-shadow-reads") });
    expect(await check(201n, 0)).toMatchObject({ passed: false, fix: expect.stringContaining("compare run") });
    expect(await check(999n, 0)).toMatchObject({ passed: true });
    expect(await check(999n, 20)).toMatchObject({ passed: false });
  });

test("what differed is not untold, and stays of long ago are let go", async () => {
  for (const table of [tables.postgres, tables.mongo]) {
    await table.tell(500n, "one", { ...noReads, sampled: 2, agreed: 1, differed: 1 });
    await table.tell(500n, "one", { ...noReads, sampled: 1, agreed: 1 });
    expect(await table.totals(500n)).toMatchObject({ sampled: 2, differed: 1 });
    await table.tell(601n, "one", { ...noReads, sampled: 1, agreed: 1 });
    expect(await table.totals(500n)).toEqual(noReads);
    expect(await table.totals(601n)).toMatchObject({ agreed: 1 });
  }
});

test("what cannot be told now is told later", async () => {
  let away = true;
  const table = tables.mongo;
  const flaky = {
    ...table,
    tell: (...told: Parameters<typeof table.tell>) => (away ? Promise.reject(new Error("away")) : table.tell(...told)),
  };
  const ledger = new ShadowLedger({ tables: { ...tables, mongo: flaky }, instance: "three", everyMs: 60_000 });
  ledger.count(view("shadow", 700n), "agreed");
  await ledger.tell();
  expect(await table.totals(700n)).toEqual(noReads);
  away = false;
  await ledger.close();
  expect(await table.totals(700n)).toMatchObject({ agreed: 1 });
  expect(ledger.counts).toMatchObject({ sampled: 1, agreed: 1 });
});
