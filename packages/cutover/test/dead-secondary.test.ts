import { MongoClient } from "mongodb";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initialise, liveStage, mongoSide, postgresSide, recover, showStage } from "../src/index.ts";
import type { Sides } from "../src/index.ts";
import { changeTo, handsOn, module, rig } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
// Nobody listens on the discard port.
const deadPool = new pg.Pool({ connectionString: "postgres://nobody@127.0.0.1:9/none" });
const deadClient = new MongoClient("mongodb://127.0.0.1:9/none", { serverSelectionTimeoutMS: 50, useBigInt64: true });
beforeAll(async () => {
  at = await rig();
});
afterAll(async () => {
  await deadPool.end();
  await deadClient.close();
  await at[Symbol.asyncDispose]();
});

test("with the secondary dead, steps that keep the primary work, and the one that moves it is reverted", async () => {
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
  const withoutPostgres: Sides = { ...at.sides, postgres: postgresSide(deadPool, module) };
  for (const target of ["dual-write", "shadow"] as const)
    expect(await changeTo(withoutPostgres, target)).toMatchObject({ stage: target });
  await expect(changeTo(withoutPostgres, "live")).rejects.toMatchObject({ code: "STAGE_REVERTED" });
  expect((await showStage(at.sides)).situation).toMatchObject({ kind: "settled", at: { stage: "shadow", epoch: 4n } });
  await changeTo(at.sides, "live");
  const withoutMongo: Sides = { ...at.sides, mongo: mongoSide(deadClient.db(), module) };
  for (const target of ["ramp-down", "live"] as const)
    expect(await changeTo(withoutMongo, target)).toMatchObject({ stage: target });
  await expect(changeTo(withoutMongo, "shadow")).rejects.toMatchObject({ code: "STAGE_REVERTED" });
});

test("with the primary dead, nobody is told a stage that may be over", async () => {
  const withoutPostgres: Sides = { ...at.sides, postgres: postgresSide(deadPool, module) };
  const unknown = { code: "STAGE_UNKNOWN", family: "unavailable", details: { waitsFor: ["postgres"] } };
  await expect(recover(handsOn(withoutPostgres))).rejects.toMatchObject(unknown);
  await expect(liveStage({ module, sides: withoutPostgres, instance: "one" })).rejects.toMatchObject({
    code: "STAGE_UNKNOWN",
  });
});
