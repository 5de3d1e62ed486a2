import {
  duplicateKey,
  foreignDocument,
  indexGone,
  longText,
  refusal,
  samePages,
  textsInDisorder,
  textsInOrder,
  writeConcern,
} from "@stellaops/testkit/module";
import { expect } from "vitest";
import { openScheduler, type Schedule } from "../../src/index.ts";
import { arming, graphJob, impact, line, minute, newId, noon, registration, schedule, start } from "../samples.ts";
import type { On } from "./on.ts";

/** What indexes, orders, batches and limits of the stores meet. */
export const stores = (on: On) => {
  const { both, roundTrip } = on;
  return {
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
      expect(await roundTrip({ name: 1 })).toMatchObject(refusal("VALUE_INVALID", "name"));
      expect(await roundTrip({ misfireGraceSeconds: 1.5 })).toMatchObject({ family: "data" });
      expect(await roundTrip({ misfireGraceSeconds: 2 ** 31 })).toMatchObject({ family: "data" });
      await foreignDocument(on, {
        table: "schedules",
        document: schedule(),
        get: ({ schedules }, id) => schedules.get(id),
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
      const made = textsInDisorder.map((name) => schedule({ name }));
      const page = await both(async ({ schedules }) => {
        for (const one of made) await schedules.put(one, 0n);
        return (await schedules.listEnabled()).items.map(({ name }: Schedule) => name);
      });
      expect(page).toEqual({ value: textsInOrder });
    },
    "ties in a sort": async () => {
      const tied = Array.from({ length: 9 }, () => graphJob());
      await both(async ({ graphJobs }) => {
        for (const one of tied) await graphJobs.insert(one);
      });
      await samePages(on, { count: 9, page: ({ graphJobs }, request) => graphJobs.listByStatus("queued", request) });
    },
    "duplicate key": () =>
      duplicateKey(on, {
        make: schedule,
        put: ({ schedules }, one) => schedules.put(one, 0n),
        field: "name",
        constraint: "uq_schedules_name",
      }),
    "unique only after index exists": () =>
      indexGone(on, { table: "policy_jobs", index: "uq_policy_jobs_run_id", open: openScheduler }),
    "long key in an index": async () => {
      expect(await roundTrip({ name: longText(200) })).toMatchObject({ value: { name: longText(200) } });
      const worker = registration({ workerId: longText(200) });
      expect(await both(({ workers }) => workers.register(worker))).toMatchObject({
        value: { workerId: longText(200) },
      });
    },
    "second null under a unique key": async () => {
      const [none, scheduleId] = [{ scheduleId: null, fireAt: null }, newId()];
      const starts = [
        start(none),
        start(none),
        start({ scheduleId, fireAt: null }),
        start({ scheduleId, fireAt: null }),
      ];
      for (const one of starts)
        expect(await both(({ runs }) => runs.start(one))).toMatchObject({ value: { created: true } });
    },
    "write concern": () => writeConcern(on),
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
      expect(await both(({ executionLogs }) => executionLogs.append(batch))).toMatchObject({
        error: "UNIQUE_VIOLATION",
      });
      expect(await both(({ executionLogs }) => executionLogs.tail(runId, 0n))).toMatchObject({
        value: { items: [{ id: stored!.id }] },
      });
    },
  };
};
