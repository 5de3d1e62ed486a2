import { setTimeout as wait } from "node:timers/promises";
import { loseToken } from "@stellaops/testkit/capture";
import { aSource } from "@stellaops/testkit/source";
import { breakStreams } from "@stellaops/testkit/streams";
import { Long, MongoServerError, ObjectId, type Document } from "mongodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openVuln, type Vuln } from "../../vuln/src/index.ts";
import {
  awaitCapture,
  captureState,
  catchUpOn,
  coverLoss,
  findingsOf,
  liveStage,
  lossMark,
  misfitsOf,
  rescan,
  startCapture,
  type Capture,
  type StageSource,
} from "../src/index.ts";
import { isLost } from "../src/capture/stream.ts";
import { captureCheck } from "../src/guard/capture-check.ts";
import { advisoriesOf, advisoryOf, nextId, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
let module: Vuln;
beforeEach(async () => {
  rig = await replicationRig();
});
afterEach(async () => {
  await module?.close();
  await rig[Symbol.asyncDispose]();
});

const db = () => rig.mongo.db;
/** A program that knows nothing of this library. */
const script = () => rig.mongo.client.db(db().databaseName).collection<Document>("sources");
const foreign = (id: string, over: object = {}) => ({ ...aSource(id), tenantId: "acme", ...over });

async function dualWrite(): Promise<void> {
  await rig.goTo("dual-write");
  await rig.backfill();
  module = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record" });
}

const captured = async () => expect(await awaitCapture(db(), { patienceMs: 30_000 })).toBe(true);
const equal = async () => {
  await rig.drain();
  const comparison = await rig.compare();
  expect(comparison.aggregates.flatMap(({ findings }) => findings)).toEqual([]);
  expect(findingsOf(comparison)).toBe(0);
};

test("writes of a plain driver client reach the secondary: inserts, updates, replacements, deletions", async () => {
  await dualWrite();
  const { sources } = module.tenant("acme");
  const [own, one, two] = [nextId(), nextId(), nextId()];
  await sources.put(aSource(own), 0n);

  await script().insertMany([foreign(one), foreign(two)]);
  await script().updateOne({ id: own }, { $set: { name: "by a script" } });
  await captured();
  expect(await sources.get(own)).toMatchObject({ name: "by a script", revision: 2n });
  expect(await sources.get(one)).toMatchObject({ name: "A feed", revision: 1n });
  await equal();

  await script().replaceOne({ id: one }, foreign(one, { name: "replaced", priority: Long.fromNumber(7) }));
  await script().deleteOne({ id: two });
  await script().deleteOne({ id: own });
  await captured();
  expect(await sources.get(one)).toMatchObject({ name: "replaced", priority: 7, revision: 2n });
  await equal();
  const comparison = await rig.compare();
  expect(comparison.aggregates.find(({ aggregate }) => aggregate === "sources")?.rows).toEqual({
    mongo: 1,
    postgres: 1,
  });
  // A key that was deleted goes on above its tombstone.
  expect(await sources.put(aSource(own), 0n)).toBe(4n);
  await equal();
  expect(await captureState(db())).toMatchObject({ stamped: 6n, loss: null, blocked: null });
});

test("a document whose key nobody can see in its _id, and one that the register does not know, are deleted as well", async () => {
  const [opaque, unknown] = [nextId(), nextId()];
  await rig.write("mongo", (on) => on.sources.put(aSource(unknown), 0n), { pending: false });
  await db().collection("register").deleteMany({});
  await dualWrite();
  await script().insertOne({ _id: new ObjectId(), ...foreign(opaque) });
  await captured();
  await equal();
  await script().deleteMany({});
  await captured();
  await equal();
  expect((await rig.compare()).aggregates[0]?.rows).toEqual({ mongo: 0, postgres: 0 });
  expect(await captureState(db())).toMatchObject({ loss: null });
});

test("a document of before the record, copied, then replaced without its revision, or deleted and inserted again, arrives", async () => {
  const [replaced, again] = [nextId(), nextId()];
  for (const id of [replaced, again])
    await rig.write("mongo", (on) => on.sources.put(aSource(id), 0n), { pending: false });
  await db().collection("register").deleteMany({});
  await dualWrite();
  await script().replaceOne({ id: replaced }, foreign(replaced, { name: "replaced" }));
  await script().deleteOne({ id: again });
  await script().insertOne(foreign(again, { name: "again" }));
  await captured();
  await equal();
  const found = await Promise.all([replaced, again].map((id) => module.tenant("acme").sources.get(id)));
  expect(found.map((source) => source?.name)).toEqual(["replaced", "again"]);
});

test("a document that is given another key leaves the old one", async () => {
  await dualWrite();
  const [before, after] = [nextId(), nextId()];
  await module.tenant("acme").sources.put(aSource(before), 0n);
  await script().updateOne({ id: before }, { $set: { id: after } });
  await captured();
  await equal();
  expect(await module.tenant("acme").sources.get(before)).toBeNull();
});

test("beside our own writers nothing is lost, and own writes are not taken for foreign ones", async () => {
  await dualWrite();
  const { advisories } = module.tenant("acme");
  const batch = advisoriesOf(20, 5);
  await advisories.ingestBatch(batch);
  await captured();
  expect(await captureState(db())).toMatchObject({ stamped: 0n });
  const collection = db().collection("advisories");
  const ours = (async () => {
    for (let turn = 0; turn < 60; turn += 1) {
      const { id } = batch[turn % batch.length] ?? advisoryOf();
      for (;;) {
        const found = await advisories.get(id);
        if (found === null) break;
        const { revision, tenantId: _tenant, ...advisory } = found;
        const put = advisories.put({ ...advisory, details: `turn ${turn}` }, revision);
        if (
          await put.then(
            () => true,
            () => false,
          )
        )
          break;
      }
    }
  })();
  for (let turn = 0; turn < 60; turn += 1) {
    const { id } = batch[(turn * 7) % batch.length] ?? advisoryOf();
    await collection.updateOne({ id }, { $set: { title: `script ${turn}` } });
  }
  await ours;
  await captured();
  await equal();
});

test("what the module cannot hold is listed, blocks guards and no caller, and is forgotten once it is mended", async () => {
  await dualWrite();
  const id = nextId();
  await script().insertOne({ _id: "odd" as never, ...foreign(id, { priority: "high", colour: "red" }) });
  await captured();
  expect(await misfitsOf(db()).find().toArray()).toMatchObject([
    {
      aggregate: "sources",
      name: "odd",
      refusals: [
        { path: "colour", code: "FIELD_UNKNOWN" },
        { path: "priority", code: "VALUE_INVALID" },
      ],
    },
  ]);
  const check = () => captureCheck(db(), { module: "vuln", patienceMs: 30_000 });
  expect(await check()).toMatchObject({ passed: false, numbers: { misfits: 1, passed: true } });
  await module.tenant("acme").sources.put(aSource(nextId()), 0n);
  await script().updateOne({ id }, { $set: { priority: 1 }, $unset: { colour: 1 } });
  expect(await check()).toMatchObject({ passed: true, numbers: { misfits: 0 } });
  await equal();
});

test("a stream that broke goes on where it was, in the same process and from its saved token in another one", async () => {
  await dualWrite();
  await captured();
  await module.close();
  const while_ = nextId();
  await script().insertOne(foreign(while_));
  const stage = await liveStage({ module: "vuln", sides: rig.sides, instance: "second" });
  const capture = startCapture({ module: vuln, mongo: rig.mongo, stage, instance: "second", pollMs: 20 });
  try {
    await captured();
    await equal();
    expect(await breakStreams(db())).toBeGreaterThan(0);
    await script().updateOne({ id: while_ }, { $set: { name: "after the break" } });
    await captured();
    await equal();
    expect(await captureState(db())).toMatchObject({ holder: "second", loss: null });
  } finally {
    await capture.close();
    await stage.close();
  }
});

test("a lost token is recorded and refuses guards until a comparison that began later finds nothing", async () => {
  await dualWrite();
  const [kept, gone, changed] = [nextId(), nextId(), nextId()];
  for (const id of [kept, gone, changed]) await module.tenant("acme").sources.put(aSource(id), 0n);
  await captured();
  await module.close();
  // Missed: an insertion, a deletion, and a change that leaves the revision as it is.
  const missed = nextId();
  await script().insertOne(foreign(missed));
  await script().deleteOne({ id: gone });
  await script().updateOne({ id: changed }, { $set: { name: "behind everybody's back" } });
  await loseToken(db());

  module = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record" });
  const check = () => captureCheck(db(), { module: "vuln", patienceMs: 30_000 });
  await expect.poll(() => captureState(db()), { timeout: 30_000 }).toMatchObject({ loss: { restarted: true } });
  expect((await captureState(db()))?.loss).toMatchObject({
    number: 1n,
    coveredAt: null,
    reason: expect.stringContaining("280"),
  });
  expect(await check()).toMatchObject({
    passed: false,
    fix: expect.stringContaining("capture rescan"),
    numbers: { loss: "1" },
  });

  const options = { module: vuln, mongo: rig.mongo, view: rig.view };
  expect(await rescan(options)).toMatchObject({ documents: 3, stamped: 1, deleted: 1 });
  await rig.drain();
  const mark = await lossMark(db());
  const [first] = (await rig.compare()).aggregates;
  expect(first?.findings).toMatchObject([{ class: "differing", id: changed, paths: [{ path: "name" }] }]);
  expect(await check()).toMatchObject({ passed: false });
  expect(await catchUpOn(options, first?.findings ?? [])).toBe(1);
  await equal();
  await coverLoss(db(), mark === null ? null : mark - 1n);
  expect(await check()).toMatchObject({ passed: false });
  await coverLoss(db(), mark);
  expect(await check()).toMatchObject({ passed: true, numbers: { loss: null } });
});

test("a stream that is killed as it opens has lost nothing: its position is as good as before", () => {
  for (const code of [43, 237]) expect(isLost(new MongoServerError({ message: "killed", code }), true)).toBe(false);
  expect(isLost(new MongoServerError({ message: "no such position", code: 50_768 }), true)).toBe(true);
});

test("a dropped collection is a loss", async () => {
  await dualWrite();
  await module.tenant("acme").sources.put(aSource(nextId()), 0n);
  await captured();
  await db().collection("sources").drop();
  await captured();
  expect((await captureState(db()))?.loss).toMatchObject({
    reason: expect.stringContaining("drop of sources"),
    restarted: true,
  });
});

test("one process captures at a time, and another takes over from one that is gone", async () => {
  await dualWrite();
  await captured();
  const stages: StageSource[] = [];
  const captures: Capture[] = [];
  for (const instance of ["a", "b"]) {
    const stage = await liveStage({ module: "vuln", sides: rig.sides, instance });
    stages.push(stage);
    captures.push(startCapture({ module: vuln, mongo: rig.mongo, stage, instance, pollMs: 20, leaseMs: 500 }));
  }
  const first = (await captureState(db()))?.holder;
  await wait(100);
  expect((await captureState(db()))?.holder).toBe(first);
  await module.close();
  await expect.poll(async () => (await captureState(db()))?.holder, { timeout: 10_000 }).toMatch(/^[ab]$/);
  await captured();
  for (const capture of captures) await capture.close();
  for (const stage of stages) await stage.close();
});
