import { outcomeOf } from "@stellaops/testkit";
import { expect } from "vitest";
import { openScheduler, type Schedule } from "../../src/index.ts";
import { arming, graphJob, impact, line, minute, newId, noon, registration, schedule, start } from "../samples.ts";
import { refusal, type On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = ({ both, roundTrip, rigs }: On) => ({
  arrays: async () => {
    // An array of payloads is one value: none of its members is the value.
    const given = start({ triggerKind: "vex_delta" });
    const listed = await both(async ({ runs }) => {
      await runs.start(given);
      const stats = [{ findingCount: 3 }];
      await runs.transition({ id: given.id, from: "planning", to: "failed", at: noon, stats });
      return runs.listDeltas("vex_delta");
    });
    expect(listed).toEqual({ value: { items: [], next: null } });
    expect(await both(({ runs }) => runs.listByState(["planning"] as never))).toMatchObject({ family: "data" });
  },
  "mixed types in one field": async () => {
    expect(await roundTrip({ name: 1 as never })).toMatchObject(refusal("VALUE_INVALID", "name"));
    expect(await roundTrip({ misfireGraceSeconds: 1.5 })).toMatchObject({ family: "data" });
    expect(await roundTrip({ misfireGraceSeconds: 2 ** 31 })).toMatchObject({ family: "data" });
    const odd = schedule();
    await rigs()
      .mongo.mongo.db.collection("schedules")
      .insertOne({ ...odd, tenantId: "acme", revision: 1n, x: 1 });
    expect(await outcomeOf(() => rigs().mongo.at("acme").schedules.get(odd.id))).toMatchObject({
      error: "DOCUMENT_UNREADABLE",
      path: "x",
    });
  },
  "null order": async () => {
    // Claims are ordered by a time that may be null: never due, on both.
    const due = [null, minute(-1), null, noon].map((nextFireAt) => arming({ nextFireAt }));
    const claimed = await both(async ({ triggers }) => {
      for (const one of due) await triggers.arm(one);
      const lease = { limit: 10, holder: "w", at: noon, until: minute(1), claimId: due[0]!.id };
      return (await triggers.claimDue(lease)).map(({ id }) => id);
    });
    expect(claimed).toEqual({ value: [due[1]!.id, due[3]!.id] });
  },
  "text order": async () => {
    const names = ["\u{1f600}", "\uffff", "é", "z", "a", "Z", "", " ", "e\u0301"];
    const made = names.map((name) => schedule({ name }));
    const page = await both(async ({ schedules }) => {
      for (const one of made) await schedules.put(one, 0n);
      return (await schedules.listEnabled()).items.map(({ name }: Schedule) => name);
    });
    expect(page).toEqual({ value: ["", " ", "Z", "a", "e\u0301", "z", "é", "\uffff", "\u{1f600}"] });
  },
  "ties in a sort": async () => {
    const tied = Array.from({ length: 9 }, () => graphJob());
    await both(async ({ graphJobs }) => {
      for (const one of tied) await graphJobs.insert(one);
    });
    let after: string | null = null;
    do {
      const page = await both(({ graphJobs }) => graphJobs.listByStatus("queued", { limit: 2, after }));
      after = "value" in page ? (page.value as { next: string | null }).next : null;
    } while (after !== null);
  },
  "duplicate key": async () => {
    const one = schedule();
    await both(({ schedules }) => schedules.put(one, 0n));
    expect(await both(({ schedules }) => schedules.put(schedule({ name: one.name }), 0n))).toMatchObject({
      error: "UNIQUE_VIOLATION",
      constraint: "uq_schedules_name",
    });
    expect(await both(({ schedules }) => schedules.put(schedule({ id: one.id }), 0n))).toMatchObject({
      error: "REVISION_CONFLICT",
    });
  },
  "unique only after index exists": async () => {
    const { db } = rigs().mongo.mongo;
    await db.collection("policy_jobs").dropIndex("uq_policy_jobs_run_id");
    const opening = outcomeOf(() => openScheduler({ mongo: rigs().mongo.mongo, stage: "mongo" }));
    expect(await opening).toMatchObject({ error: "MONGO_SCHEMA_DIFFERS" });
    const key = { tenantId: 1, runId: 1 } as const;
    await db.collection("policy_jobs").createIndex(key, { name: "uq_policy_jobs_run_id", unique: true });
  },
  "long key in an index": async () => {
    // Of code points that take four bytes and do not repeat, so that no compression helps.
    const long = (length: number) =>
      Array.from({ length }, (_, i) => String.fromCodePoint(0x10000 + ((i * 7_919) % 0xfffff)))
        .join("")
        .toWellFormed();
    expect(await roundTrip({ name: long(200) })).toMatchObject({ value: { name: long(200) } });
    const worker = registration({ workerId: long(200) });
    expect(await both(({ workers }) => workers.register(worker))).toMatchObject({ value: { workerId: long(200) } });
  },
  "second null under a unique key": async () => {
    const [none, scheduleId] = [{ scheduleId: null, fireAt: null }, newId()];
    const starts = [start(none), start(none), start({ scheduleId, fireAt: null }), start({ scheduleId, fireAt: null })];
    for (const one of starts)
      expect(await both(({ runs }) => runs.start(one))).toMatchObject({ value: { created: true } });
  },
  "write concern": async () => {
    // What is acknowledged is in a majority's journal, and is what the next read gives.
    expect(rigs().mongo.mongo.client.options.writeConcern).toMatchObject({ w: "majority", j: true });
    const { rows } = await rigs().postgres.postgres.pool.query(
      "select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit",
    );
    expect(rows).toEqual([{ fsync: "on", commit: "on" }]);
  },
  "uniqueness inside an embedded array": async () => {
    const given = impact({ imageDigests: ["b", "a", "b"] });
    expect(await both(({ impactSnapshots }) => impactSnapshots.putForRun(given))).toMatchObject({
      value: { imageDigests: ["a", "b"], total: 2n },
    });
  },
  "unordered bulk refused half-way": async () => {
    const runId = newId();
    const [stored, ...rest] = Array.from({ length: 50 }, (_, i) => line({ runId, sequence: BigInt(i + 1) }));
    await both(({ executionLogs }) => executionLogs.append([stored!]));
    const batch = [...rest, { ...stored!, id: newId() }];
    expect(await both(({ executionLogs }) => executionLogs.append(batch))).toMatchObject({ error: "UNIQUE_VIOLATION" });
    expect(await both(({ executionLogs }) => executionLogs.tail(runId, 0n))).toMatchObject({
      value: { items: [{ id: stored!.id }] },
    });
  },
});
