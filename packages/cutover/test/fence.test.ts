import { codeOf } from "@stellaops/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { initialise, mongoFence, postgresFence, recover, showStage } from "../src/index.ts";
import { serverCode } from "../src/errors.ts";
import type { Change, Database, Stage } from "../src/index.ts";
import { changeTo, handsOn, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
});
afterAll(() => at[Symbol.asyncDispose]());

const change = (target: Stage, rest: Partial<Change> = {}) => changeTo(at.sides, target, rest);

const stateOf = async (): Promise<string | undefined> => {
  const { situation } = await showStage(at.sides);
  return "at" in situation ? situation.at.state : undefined;
};

/** Runs a change while a unit of the old epoch is inside; tells in which order the two ended, and how a unit fared that came later. */
async function changeDuringUnit(database: Database, epoch: bigint, target: Stage): Promise<[string[], unknown]> {
  const order: string[] = [];
  let changed: Promise<void> | undefined;
  let late: unknown;
  await unit(at, database, epoch, async () => {
    changed = change(target).then(() => void order.push("changed"));
    await expect.poll(stateOf, { interval: 5 }).toBe("moving");
    late = await unit(at, database, epoch).catch(codeOf);
    await expect.poll(() => waitingFor(database), { interval: 5 }).toBe(true);
    order.push("unit ends");
  });
  await changed;
  return [order, late];
}

test("a change waits for the units in flight, on both databases", async () => {
  const [onMongo] = await changeDuringUnit("mongo", 1n, "dual-write");
  expect(onMongo).toEqual(["unit ends", "changed"]);
  await change("shadow");
  await change("live");
  // On PostgreSQL the intention has shut the door by itself already.
  expect(await changeDuringUnit("postgres", 4n, "ramp-down")).toEqual([["unit ends", "changed"], "FENCED"]);
});

test("a unit that sleeps through a change and wakes is fenced, also inside a transaction begun before", async () => {
  const { epoch } = await change("live");
  const sleeper = await at.pool.connect();
  await sleeper.query("begin");
  await sleeper.query("select 1");
  await change("shadow");
  await change("live");
  await expect(sleeper.query("select cutover.enter($1, $2)", [module, epoch])).rejects.toMatchObject({ code: "ST001" });
  await sleeper.query("rollback");
  sleeper.release();

  const mongo = await change("shadow");
  const session = at.db.client.startSession();
  session.startTransaction({ readConcern: { level: "snapshot" } });
  await at.db.collection("stage").findOne({}, { session });
  await change("live");
  await change("shadow");
  await expect(mongoFence.enterEpoch(at.db, session, mongo.epoch)).rejects.toMatchObject({ code: "FENCED" });
  await session.abortTransaction();
  await session.endSession();
});

test("a unit that waited at the door looks at the stage as it is then, not as it was when it came", async () => {
  const { epoch, primary } = await change("live");
  const { records } = at.sides[primary];
  const copy = await records.read();
  if (copy === null) throw new Error("no record");
  const fence = await at.pool.connect();
  let code: unknown;
  // A slow machine may let the lock timeout of the door come first.
  do {
    await fence.query("begin");
    await fence.query("select cutover.await_units($1)", [module]);
    const entered = unit(at, primary, epoch).then(() => "entered", serverCode);
    await expect.poll(() => waitingFor(primary), { interval: 1 }).toBe(true);
    await records.compareAndSet(copy, { ...copy, state: "moving", target: "ramp-down" });
    await fence.query("commit");
    code = await entered;
  } while (code === "55P03");
  fence.release();
  expect(code).toBe("FENCED");
  await recover({ ...handsOn(at.sides), revert: true });
  await change("shadow");
});

test("no isolation level other than READ COMMITTED may enter: its snapshot is older than the lock", async () => {
  const client = await at.pool.connect();
  for (const level of ["repeatable read", "serializable"]) {
    await client.query(`begin isolation level ${level}`);
    await expect(client.query("select cutover.enter($1, $2)", [module, 1n])).rejects.toMatchObject({ code: "ST003" });
    await client.query("rollback");
  }
  client.release();
});

test("an epoch opens once: neither a late opener nor a late closer changes what came after", async () => {
  const { epoch } = await change("dual-write");
  const { fence } = at.sides.mongo;
  for (const past of [1n, 2n, epoch - 1n]) {
    await fence.open(past);
    await expect(unit(at, "mongo", past)).rejects.toMatchObject({ code: "FENCED" });
  }
  await fence.close(epoch - 1n, 1_000);
  await unit(at, "mongo", epoch);
});

test("an epoch that was never opened lets nobody in, and once closed it stays shut for ever", async () => {
  const { fence } = at.sides.mongo;
  await expect(unit(at, "mongo", 900n)).rejects.toMatchObject({ code: "FENCED" });
  await fence.close(900n, 1_000);
  await fence.open(900n);
  await expect(unit(at, "mongo", 900n)).rejects.toMatchObject({ code: "FENCED" });
});

test("a unit that holds the door longer than the deadline makes the change fail, and the next try goes on", async () => {
  const view = await change("dual-write");
  let failed: unknown;
  await unit(at, "mongo", view.epoch, async () => {
    failed = await change("mongo", { fenceMs: 1 }).catch((error: unknown) => error);
  });
  expect(failed).toMatchObject({ code: "STAGE_FENCE_BUSY", family: "transient" });
  expect(await stateOf()).toBe("moving");
  expect(await change("mongo")).toMatchObject({ stage: "mongo", epoch: view.epoch + 1n });
});

test("applies of older generations are refused once they are closed, those in flight are waited for", async () => {
  const applied: string[] = [];
  const postgres = async (generation: bigint, inside = async (): Promise<void> => {}): Promise<void> => {
    const client = await at.pool.connect();
    try {
      await client.query("begin");
      const { text, values } = postgresFence.enterApply(module, generation);
      await client.query(text, [...values]);
      await inside();
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw postgresFence.mapError(error);
    } finally {
      client.release();
    }
  };
  const mongo = (generation: bigint, inside = async (): Promise<void> => {}): Promise<void> =>
    at.db.client.withSession((session) =>
      session.withTransaction(async () => {
        await mongoFence.enterApply(at.db, session, generation);
        await inside();
      }),
    );
  for (const [database, apply] of [
    ["postgres", postgres],
    ["mongo", mongo],
  ] as const) {
    const { fence } = at.sides[database];
    let closed: Promise<void> | undefined;
    await apply(3n, async () => {
      closed = fence.closeApplies(7n, [3n, 5n, 7n], 5_000).then(() => void applied.push(`${database} closed`));
      await expect.poll(() => waitingFor(database), { interval: 5 }).toBe(true);
      applied.push(`${database} applied`);
    });
    await closed;
    for (const old of [3n, 5n])
      await expect(apply(old)).rejects.toMatchObject({ code: "APPLY_FENCED", family: "refused" });
    await apply(7n);
    await fence.closeApplies(5n, [3n, 5n, 7n], 5_000);
    await apply(7n);
    await apply(9n);
  }
  expect(applied).toEqual(["postgres applied", "postgres closed", "mongo applied", "mongo closed"]);
});

/** Is somebody waiting for a lock in this database? */
async function waitingFor(database: "mongo" | "postgres"): Promise<boolean> {
  if (database === "postgres") {
    const { rows } = await at.pool.query(
      "select from pg_locks join pg_database on oid = database where not granted and locktype = 'advisory' and datname = current_database()",
    );
    return rows.length > 0;
  }
  const waiting = at.db.client.db("admin").aggregate([
    { $currentOp: { allUsers: true } },
    {
      $match: {
        ns: { $regex: `^${at.db.databaseName}\\.` },
        "command.collMod": { $exists: true },
        waitingForLock: true,
      },
    },
  ]);
  return (await waiting.toArray()).length > 0;
}

test("a service's role can write the stage record through its function only", async () => {
  for (const text of [
    "update cutover.stages set epoch = epoch + 1",
    "insert into cutover.apply_fence values ('demo', 1)",
    "delete from cutover.leases",
    "insert into cutover.replication values ('demo', 1)",
    "delete from cutover.register",
  ])
    await expect(at.pool.query(text)).rejects.toMatchObject({ code: "42501" });
  await expect(at.pool.query("select from cutover.register")).rejects.toMatchObject({ code: "42501" });
});

test("the record moves up only, and only from the exact copy that was seen", async () => {
  await change("mongo");
  for (const { records } of Object.values(at.sides)) {
    const copy = await records.read();
    if (copy === null) throw new Error("no record");
    const next = { ...copy, state: "opening" as const, epoch: copy.epoch + 1n };
    for (const to of [{ ...copy, state: "ready" as const }, { ...next, epoch: copy.epoch - 1n }, copy])
      expect(await records.compareAndSet(copy, to)).toBe(false);
    for (const from of [null, { ...copy, epoch: copy.epoch - 1n }, { ...copy, state: "opening" as const }])
      expect(await records.compareAndSet(from, next)).toBe(false);
    expect(await records.read()).toEqual(copy);
  }
});

test("what ended units left behind can be removed at any time, also while units are inside", async () => {
  const view = await change("mongo");
  const { fence } = at.sides.mongo;
  const entries = () => at.db.collection(`epoch_${view.epoch}`).countDocuments();
  await unit(at, "mongo", view.epoch);
  await unit(at, "mongo", view.epoch, () => fence.tidy(view.epoch, view.generation));
  expect(await entries()).toBe(1);
  await fence.tidy(view.epoch, view.generation);
  expect(await entries()).toBe(0);
});
