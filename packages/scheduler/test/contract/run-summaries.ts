import { inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { RunSummary, SchedulerRepositories } from "../../src/index.ts";
import { minute, newId, noon, start } from "../samples.ts";

type End = "completed" | "failed" | "canceled";
interface EndedRun {
  readonly state: End;
  readonly finished: number;
  readonly findings?: unknown;
}

export function runSummariesContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).runSummaries;
  const acme = () => at("acme");
  const ended = async ({ state, finished, findings }: EndedRun, scheduleId: string | null, tenant = "acme") => {
    const { runs } = rig().at(tenant);
    const { id } = (await runs.start(start({ scheduleId, fireAt: null, at: noon }))).run;
    await runs.transition({ id, from: "planning", to: "queued", at: noon });
    await runs.transition({ id, from: "queued", to: "running", at: noon });
    const stats = findings === undefined ? {} : { findingCount: findings as number };
    await runs.transition({ id, from: "running", to: state, at: minute(finished), stats });
    return id;
  };
  readerContract({
    name: "runSummaries",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: async (tenant, item) => {
      const { runs } = rig().at(tenant);
      const { id, scheduleId } = item as RunSummary;
      await runs.start(start({ id, scheduleId }));
      await runs.transition({ id, from: "planning", to: "failed", at: noon });
      await at(tenant).project(id, noon);
    },
    make: (id = newId()) => ({
      id,
      scheduleId: newId(),
      lastRunId: id,
      lastState: "failed",
      lastFinishedAt: noon,
      runs: 1n,
      failures: 1n,
      lastCompletedAt: null,
      counters: { completed: 0, failed: 1, canceled: 0, findings: 0 },
      createdAt: noon,
      updatedAt: noon,
    }),
  });

  describe("runSummaries, particular", () => {
    it("runSummaries.project: counts runs of a schedule, each once", async () => {
      const scheduleId = newId();
      const first = await ended({ state: "completed", finished: 1, findings: 3 }, scheduleId);
      const second = await ended({ state: "failed", finished: 2 }, scheduleId);
      const one = await acme().project(first, minute(3));
      expect(one).toMatchObject({
        scheduleId,
        lastRunId: first,
        lastState: "completed",
        runs: 1n,
        failures: 0n,
        revision: 1n,
      });
      const two = await acme().project(second, minute(4));
      expect(two).toEqual({
        ...one,
        lastRunId: second,
        lastState: "failed",
        lastFinishedAt: minute(2),
        lastCompletedAt: minute(1),
        runs: 2n,
        failures: 1n,
        counters: { completed: 1, failed: 1, canceled: 0, findings: 3 },
        updatedAt: minute(4),
        revision: 2n,
      });
      for (const again of [first, second, first]) expect(await acme().project(again, minute(9))).toEqual(two);
      expect(await acme().findBySchedule(scheduleId)).toEqual(two);
      expect(await rig().at("acme").runs.get(first)).toMatchObject({ summarisedAt: minute(3) });
    });

    it("runSummaries.project: counts a run once, however many project it at once", async () => {
      const scheduleId = newId();
      const runs = await inTurn(
        (["completed", "failed", "canceled"] as const).map((state, i) => ({ state, finished: i, findings: 2 })),
        (run) => ended(run, scheduleId),
      );
      await Promise.all([...runs, ...runs, ...runs].map((id) => acme().project(id, noon)));
      expect(await acme().findBySchedule(scheduleId)).toMatchObject({
        runs: 3n,
        failures: 1n,
        lastRunId: runs[2],
        lastState: "canceled",
        lastCompletedAt: noon,
        counters: { completed: 1, failed: 1, canceled: 1, findings: 6 },
        revision: 3n,
      });
      expect((await acme().list()).items).toHaveLength(1);
    });

    it("runSummaries.project: comes to the same in whatever order runs are counted", async () => {
      const all: readonly EndedRun[] = [
        { state: "completed", finished: 5, findings: 1 },
        { state: "failed", finished: 9, findings: 2.9 },
        { state: "completed", finished: 9, findings: "4" },
        { state: "canceled", finished: 1, findings: -1 },
      ];
      const orders = [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [2, 0, 3, 1],
      ];
      const summaries = await inTurn(orders, async (order) => {
        const scheduleId = newId();
        const ids = await inTurn(all, (run) => ended(run, scheduleId));
        await inTurn(order, (i) => acme().project(ids[i]!, noon));
        const { id: _id, scheduleId: _scheduleId, lastRunId, ...rest } = (await acme().findBySchedule(scheduleId))!;
        return { ...rest, last: ids.indexOf(lastRunId ?? "") };
      });
      expect(summaries[0]).toMatchObject({
        last: 2,
        runs: 4n,
        failures: 1n,
        lastCompletedAt: minute(9),
        counters: { completed: 2, failed: 1, canceled: 1, findings: 3 },
      });
      expect(summaries[1]).toEqual(summaries[0]);
      expect(summaries[2]).toEqual(summaries[0]);
    });

    it.each([
      [[2_000_000_000, 2_000_000_000], 4_000_000_000],
      [[Number.MAX_SAFE_INTEGER, 1, 2], Number.MAX_SAFE_INTEGER],
      [[1, Number.MAX_SAFE_INTEGER - 1], Number.MAX_SAFE_INTEGER],
      [[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], Number.MAX_SAFE_INTEGER],
    ])(
      "runSummaries.project: findings of %j come to %d, and never to more than a number holds",
      async (all, findings) => {
        const scheduleId = newId();
        await inTurn(all, async (found) =>
          acme().project(await ended({ state: "completed", finished: 1, findings: found }, scheduleId), noon),
        );
        const summary = await acme().findBySchedule(scheduleId);
        expect(summary?.counters).toEqual({ completed: all.length, failed: 0, canceled: 0, findings });
      },
    );

    it("runSummaries.project: null where there is nothing to count", async () => {
      const { runs } = rig().at("acme");
      const { run } = await runs.start(start());
      expect(await acme().project(run.id, noon)).toBeNull();
      expect(await acme().project(newId(), noon)).toBeNull();
      expect(await acme().project(await ended({ state: "failed", finished: 1 }, null), noon)).toBeNull();
      const shared = await ended({ state: "failed", finished: 1 }, newId(), "@global");
      expect(await acme().project(shared, noon)).toBeNull();
      await at("@global").project(shared, noon);
      expect(await acme().project(shared, noon)).toBeNull();
      expect(await outcomeOf(() => acme().project("x", noon))).toMatchObject({ error: "VALUE_ID", path: "id" });
      expect((await at("@global").list()).items).toHaveLength(1);
      expect((await acme().list()).items.filter(({ tenantId }) => tenantId === "acme")).toEqual([]);
    });
  });
}
