import { inTurn, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import { determinismHash, type EvaluationRun, type EvaluationStart, type PolicyRepositories } from "../../src/index.ts";
import { completion, evaluation, minute, newId, noon } from "../samples.ts";

/** What a run is that has started. */
const runOf = ({ at, ...start }: EvaluationStart): EvaluationRun => ({
  ...start,
  state: "running",
  startedAt: at,
  finishedAt: null,
  passed: 0n,
  warned: 0n,
  blocked: 0n,
  ignored: 0n,
  error: null,
  createdAt: at,
  updatedAt: at,
});

export function evaluationRunsContract(rig: () => Rig<PolicyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).evaluationRuns;
  const acme = () => at("acme");
  readerContract({
    name: "evaluationRuns",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, packVersion, sbomDigest, feedSnapshot, vexCursor, startedAt } = item as EvaluationRun;
      return at(tenant).start({ id, packVersion, sbomDigest, feedSnapshot, vexCursor, at: startedAt });
    },
    make: (id) => runOf(evaluation(id === undefined ? {} : { id })),
  });

  describe("evaluationRuns, particular", () => {
    it("evaluationRuns.start: begins running", async () => {
      const given = evaluation({ vexCursor: null });
      const run = await acme().start(given);
      expect(run).toEqual({ ...runOf(given), revision: 1n, tenantId: "acme" });
      expect(await acme().get(given.id)).toEqual(run);
      const again = outcomeOf(() => acme().start({ ...evaluation(), id: given.id }));
      expect(await again).toMatchObject({ error: "REVISION_CONFLICT", family: "conflict" });
      const bad = outcomeOf(() => acme().start(evaluation({ sbomDigest: "\0" })));
      expect(await bad).toMatchObject({ error: "VALUE_NUL", path: "sbomDigest" });
    });

    it("evaluationRuns.listSame: runs of equal inputs, newest first; each input counts, and null is an input", async () => {
      const inputs = evaluation();
      await inTurn([2, 3, 1], (n) => acme().start({ ...inputs, id: newId(), at: minute(n) }));
      await at("@global").start({ ...inputs, id: newId(), at: minute(2) });
      const others = [{ packVersion: "x" }, { sbomDigest: "x" }, { feedSnapshot: "x" }, { vexCursor: null }];
      await inTurn(others, (over) => acme().start({ ...inputs, ...over, id: newId() }));
      const same = await whole((request) => acme().listSame(inputs, request));
      expect(same.map(({ startedAt }) => startedAt)).toEqual([3, 2, 2, 1].map(minute));
      for (const run of same) expect(determinismHash(run)).toBe(determinismHash(inputs));
      await inTurn(others, async (over) =>
        expect((await acme().listSame({ ...inputs, ...over })).items).toHaveLength(1),
      );
      const bad = outcomeOf(() => acme().listSame({ ...inputs, packVersion: "\ud800" }));
      expect(await bad).toMatchObject({ error: "VALUE_NOT_WELL_FORMED", path: "packVersion" });
    });

    it.each(["completed", "failed", "canceled"] as const)(
      "evaluationRuns.complete: ends one that runs as %s, once",
      async (state) => {
        const { id } = await acme().start(evaluation());
        const error = state === "failed" ? "no feed" : null;
        const done = await acme().complete(completion(id, { state, error }));
        const counts = { passed: 7n, warned: 2n, blocked: 1n, ignored: 0n };
        expect(done).toMatchObject({
          state,
          ...counts,
          error,
          finishedAt: minute(1),
          updatedAt: minute(1),
          revision: 2n,
        });
        expect(await acme().get(id)).toEqual(done);
        expect(await acme().complete(completion(id))).toBeNull();
        expect(await acme().get(id)).toEqual(done);
      },
    );

    it("evaluationRuns.complete: of many at once one wins", async () => {
      const { id } = await acme().start(evaluation());
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, i) => acme().complete(completion(id, { passed: BigInt(i) }))),
      );
      const [won, ...others] = answers.filter((answer) => answer !== null);
      expect(others).toEqual([]);
      expect(await acme().get(id)).toEqual(won);
    });

    it("evaluationRuns.complete: null for what is not there or shared; refuses what is no end, and counts below 0", async () => {
      const shared = await at("@global").start(evaluation());
      expect(await acme().complete(completion(shared.id))).toBeNull();
      expect(await acme().complete(completion(newId()))).toBeNull();
      const { id } = await acme().start(evaluation());
      const end = (over: object) => outcomeOf(() => acme().complete(completion(id, over)));
      expect(await end({ state: "running" })).toMatchObject({ error: "EVALUATION_STATE", family: "conflict" });
      expect(await end({ state: "toString" })).toMatchObject({ error: "VALUE_CHOICE", family: "data" });
      expect(await end({ blocked: -1n })).toMatchObject({ error: "VALUE_OUT_OF_RANGE", path: "blocked" });
      expect(await end({ passed: 1 })).toMatchObject({ family: "data", path: "passed" });
      expect(await end({ at: noon, passed: 2n ** 63n - 1n })).toMatchObject({ value: { passed: 2n ** 63n - 1n } });
    });
  });
}
