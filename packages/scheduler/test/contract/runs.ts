import { inTurn, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { runStates, type Run, type RunStart, type RunState, type SchedulerRepositories } from "../../src/index.ts";
import { minute, newId, noon, runOf, start } from "../samples.ts";

/** The way from the beginning to each state. */
const ways: Readonly<Record<RunState, readonly RunState[]>> = {
  planning: [],
  queued: ["queued"],
  running: ["queued", "running"],
  completed: ["queued", "running", "completed"],
  failed: ["failed"],
  canceled: ["queued", "canceled"],
};
const legal = new Set([
  "planning>queued",
  "planning>failed",
  "planning>canceled",
  "queued>running",
  "queued>failed",
  "queued>canceled",
  "running>completed",
  "running>failed",
  "running>canceled",
]);

export function runsContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).runs;
  const acme = () => at("acme");
  const startOf = ({ id, scheduleId, fireAt, triggerKind, reason, retryOf }: Run): RunStart => ({
    id,
    scheduleId,
    fireAt,
    triggerKind,
    reason,
    retryOf,
    at: noon,
  });
  const inState = async (state: RunState, over: Partial<RunStart> = {}): Promise<Run> => {
    let { run } = await acme().start(start(over));
    for (const to of ways[state]) run = (await acme().transition({ id: run.id, from: run.state, to, at: noon }))!;
    return run;
  };
  readerContract({
    name: "runs",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => at(tenant).start(startOf(item as Run)),
    make: (id) => runOf(start(id === undefined ? {} : { id })),
  });

  describe("runs, particular", () => {
    it("runs.start: begins in planning", async () => {
      const given = start({ reason: { "a.b": null }, retryOf: newId() });
      const run = { ...runOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().start(given)).toEqual({ run, created: true });
      expect(await acme().get(given.id)).toEqual(run);
    });

    it("runs.start: one run of a schedule and a fire time; the second is given the first", async () => {
      const { scheduleId } = start();
      const { run } = await acme().start(start({ scheduleId }));
      await acme().transition({ id: run.id, from: "planning", to: "queued", at: noon });
      const again = await acme().start(start({ scheduleId, reason: "other", at: minute(1) }));
      expect(again).toMatchObject({ created: false, run: { id: run.id, state: "queued", revision: 2n } });
      expect(await acme().start(start({ scheduleId, fireAt: minute(60) }))).toMatchObject({ created: true });
      // A shared run of that schedule and time is not the tenant's.
      const shared = await at("@global").start(start());
      expect(await acme().start(start({ scheduleId: shared.run.scheduleId }))).toMatchObject({ created: true });
    });

    it("runs.start: without a schedule or a fire time each is a run of its own", async () => {
      const manual = { scheduleId: null, fireAt: null, triggerKind: "manual" } as const;
      const { scheduleId } = start();
      await inTurn([manual, manual, { scheduleId, fireAt: null }, { scheduleId, fireAt: null }], async (over) =>
        expect(await acme().start(start(over))).toMatchObject({ created: true }),
      );
      const taken = start(manual);
      await acme().start(taken);
      expect(await outcomeOf(() => acme().start(taken))).toMatchObject({ error: "REVISION_CONFLICT" });
    });

    it("runs.start: one of many at once creates it, and all are given that one", async () => {
      const { scheduleId } = start();
      const answers = await Promise.all(Array.from({ length: 8 }, () => acme().start(start({ scheduleId }))));
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(answers.map(({ run }) => run.id)).size).toBe(1);
      expect((await acme().list()).items).toHaveLength(1);
    });

    it.each(runStates.flatMap((from) => runStates.map((to) => ({ from, to }))))(
      "runs.transition: from $from to $to",
      async ({ from, to }) => {
        const run = await inState(from);
        const outcome = await outcomeOf(() => acme().transition({ id: run.id, from, to, at: minute(3) }));
        const found = await acme().get(run.id);
        const may = legal.has(`${from}>${to}`);
        expect(outcome).toMatchObject(may ? { value: found } : { error: "RUN_TRANSITION", family: "conflict" });
        expect(found?.state).toBe(may ? to : from);
      },
    );

    it("runs.transition: sets when it started and ended, and what is given beside", async () => {
      const { id } = await inState("queued");
      const running = await acme().transition({
        id,
        from: "queued",
        to: "running",
        at: minute(1),
        stats: { images: 4 },
      });
      expect(running).toMatchObject({ startedAt: minute(1), finishedAt: null, stats: { images: 4 }, error: null });
      const stats = { findingCount: 7 };
      const failed = await acme().transition({ id, from: "running", to: "failed", at: minute(2), stats, error: "x" });
      expect(failed).toMatchObject({ startedAt: minute(1), finishedAt: minute(2), stats, error: "x", revision: 4n });
      const bad = outcomeOf(() => acme().transition({ id, from: "queued", to: "failed", at: noon, error: "\0" }));
      expect(await bad).toMatchObject({ error: "VALUE_NUL", path: "error" });
    });

    it("runs.transition: gives null for another state, for what is not there, and for the shared one", async () => {
      const { id } = await inState("queued");
      expect(await acme().transition({ id, from: "planning", to: "queued", at: noon })).toBeNull();
      expect(await acme().transition({ id: newId(), from: "planning", to: "queued", at: noon })).toBeNull();
      const shared = (await at("@global").start(start())).run;
      expect(await acme().transition({ id: shared.id, from: "planning", to: "queued", at: noon })).toBeNull();
      expect(await at("@global").get(shared.id)).toMatchObject({ state: "planning", revision: 1n });
    });

    it("runs.transition: lets one of many win", async () => {
      const { id } = await inState("running");
      const ends = ["completed", "failed", "canceled", "completed", "failed", "canceled"] as const;
      const answers = await Promise.all(
        ends.map((to) => acme().transition({ id, from: "running", to, at: minute(1) })),
      );
      const [won, ...others] = answers.filter((answer) => answer !== null);
      expect(others).toEqual([]);
      expect(await acme().get(id)).toEqual(won);
    });

    it("runs.listByState and listBySchedule: newest first, own and shared", async () => {
      const scheduleId = newId();
      const times = [3, 1, 2, 2].map(minute);
      await inTurn(times, (when) => acme().start(start({ scheduleId, fireAt: null, at: when })));
      await at("@global").start(start({ scheduleId, at: minute(2) }));
      await at("umbrella").start(start({ scheduleId }));
      await inState("queued");
      const byState = await whole((request) => acme().listByState("planning", request));
      const bySchedule = await whole((request) => acme().listBySchedule(scheduleId, request));
      expect(byState.map(({ createdAt }) => createdAt)).toEqual([3, 2, 2, 2, 1].map(minute));
      expect(bySchedule).toEqual(byState);
      const ids = byState.slice(1, 4).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted().toReversed());
      expect(await outcomeOf(() => acme().listByState("done" as never))).toMatchObject({ error: "VALUE_CHOICE" });
      expect(await outcomeOf(() => acme().listBySchedule("x"))).toMatchObject({ error: "VALUE_ID" });
    });

    it("runs.listBySchedule: null is refused, not taken for runs without a schedule", async () => {
      await acme().start(start({ scheduleId: null, fireAt: null, triggerKind: "manual" }));
      expect(await outcomeOf(() => acme().listBySchedule(null as never))).toMatchObject({
        error: "VALUE_NULL",
        family: "data",
        path: "scheduleId",
      });
    });

    it("runs.start: what is wrong is refused also when the run is there already", async () => {
      const given = start();
      await acme().start(given);
      const again = (over: object) => outcomeOf(() => acme().start({ ...given, ...over }));
      expect(await again({ reason: { a: Number.NaN } })).toMatchObject({ error: "VALUE_NOT_FINITE", path: "reason.a" });
      expect(await again({ triggerKind: "whim" })).toMatchObject({ error: "VALUE_CHOICE", path: "triggerKind" });
      expect(await again({ retryOf: "x" })).toMatchObject({ error: "VALUE_ID", path: "retryOf" });
      expect(await again({})).toMatchObject({ value: { created: false } });
    });

    it.each(["__proto__", "constructor", "toString", "done", null, ["planning"]] as never[])(
      "runs.transition: refuses %s, which is no state",
      async (state) => {
        const { run } = await acme().start(start());
        const move = { id: run.id, from: "planning", to: "queued", at: noon } as const;
        const refusal = { error: "VALUE_CHOICE", family: "data" };
        expect(await outcomeOf(() => acme().transition({ ...move, from: state }))).toMatchObject({
          ...refusal,
          path: "from",
        });
        expect(await outcomeOf(() => acme().transition({ ...move, to: state }))).toMatchObject({
          ...refusal,
          path: "to",
        });
        expect(await acme().get(run.id)).toEqual(run);
      },
    );

    it("runs.listDeltas: those of that kind that found something, newest first, whatever else their stats hold", async () => {
      const found = [1, 2.5, 9_007_199_254_740_991];
      const none = [0, 0.5, -1, 1e300, "3", null, true, { n: 1 }, [1]];
      const deltas = [...found, ...none].map((findingCount) => ({ findingCount }));
      await inTurn([...deltas, {}, [], [{ findingCount: 1 }], 5, "text"], async (stats) => {
        const { id } = await inState("running", { triggerKind: "vex_delta", at: minute(found.length) });
        await acme().transition({ id, from: "running", to: "completed", at: noon, stats });
      });
      const { id } = await inState("running", { triggerKind: "advisory_delta" });
      await acme().transition({ id, from: "running", to: "completed", at: noon, stats: { findingCount: 4 } });
      const listed = await whole((request) => acme().listDeltas("vex_delta", request));
      expect(listed.map(({ stats }) => stats).toReversed()).toEqual(found.map((findingCount) => ({ findingCount })));
      expect((await acme().listDeltas("advisory_delta")).items).toHaveLength(1);
    });
  });
}
