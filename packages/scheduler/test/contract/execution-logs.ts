import { appendContract, inTurn, outcomeOf, retentionContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { executionLogs } from "../../src/aggregates.ts";
import type { SchedulerRepositories } from "../../src/index.ts";
import { line, newId } from "../samples.ts";

export function executionLogsContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).executionLogs;
  const acme = () => at("acme");
  const lines = (runId: string, ...sequences: readonly bigint[]) =>
    sequences.map((sequence) => line({ runId, sequence }));
  appendContract({
    name: "executionLogs",
    repository: at,
    make: (id) => line(id === undefined ? {} : { id }),
    max: 1_000,
  });
  retentionContract({
    name: "executionLogs",
    repository: at,
    make: (loggedAt, id = newId()) => line({ loggedAt, id }),
    add: (tenant, one) => at(tenant).append([one]),
    least: executionLogs.retain?.least ?? 0,
    registered: () => rig().registered,
  });

  describe("executionLogs, particular", () => {
    it("executionLogs.append: holds each number of a run once", async () => {
      const runId = newId();
      await acme().append(lines(runId, 2n, 1n));
      const again = outcomeOf(() => acme().append(lines(runId, 3n, 2n)));
      const constraint = "uq_execution_logs_run_id_sequence";
      expect(await again).toMatchObject({ error: "UNIQUE_VIOLATION", family: "integrity", constraint });
      const found = await whole((request) => acme().tail(runId, 0n, request));
      expect(found.map(({ sequence }) => sequence)).toEqual([1n, 2n]);
      await at("umbrella").append(lines(runId, 1n));
    });

    it.each([0n, -1n])("executionLogs.append: refuses number %s, which tail would never show", async (sequence) => {
      const runId = newId();
      expect(await outcomeOf(() => acme().append(lines(runId, 1n, sequence)))).toMatchObject({
        error: "VALUE_OUT_OF_RANGE",
        family: "data",
        path: "sequence",
      });
      expect((await acme().tail(runId, -5n)).items).toEqual([]);
    });

    it("executionLogs.append: lets one of many win that write one number at once", async () => {
      const runId = newId();
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => outcomeOf(() => acme().append(lines(runId, 1n)))),
      );
      expect(outcomes.filter((outcome) => "value" in outcome)).toHaveLength(1);
      expect((await acme().tail(runId, 0n)).items).toHaveLength(1);
    });

    it("executionLogs.tail: what a run said after a number, by number", async () => {
      const runId = newId();
      const many = [3n, 1n, 10n, 2n, 9_007_199_254_740_993n];
      await acme().append(lines(runId, ...many));
      await at("@global").append(lines(runId, 2n));
      await inTurn([newId(), newId()], (other) => acme().append(lines(other, 5n)));
      const after = async (above: bigint) =>
        (await whole((request) => acme().tail(runId, above, request))).map(({ sequence }) => sequence);
      expect(await after(0n)).toEqual([1n, 2n, 2n, 3n, 10n, 9_007_199_254_740_993n]);
      expect(await after(3n)).toEqual([10n, 9_007_199_254_740_993n]);
      expect(await after(9_007_199_254_740_992n)).toEqual([9_007_199_254_740_993n]);
      expect(await after(9_007_199_254_740_993n)).toEqual([]);
      const { next } = await acme().tail(runId, 0n, { limit: 1 });
      expect(await outcomeOf(() => acme().tail(runId, 1n, { after: next }))).toMatchObject({ error: "CURSOR_FOREIGN" });
      expect(await outcomeOf(() => acme().tail(runId, 1 as never))).toMatchObject({ family: "data", path: "sequence" });
    });
  });
}
