import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { day, newId, noon, sourceState } from "../samples.ts";
import type { Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

export function sourceStatesContract(rig: () => Rig<VulnRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).sourceStates;
  repositoryContract({
    name: "sourceStates",
    repository: at,
    make: (id) => sourceState(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, cursor: { page: 2 }, lastError: "timeout", failures: 3n, backoffUntil: day(1) }),
    twin: ({ sourceId }) => sourceState({ sourceId }),
    constraint: "uq_source_states_source_id",
    registered: () => rig().registered,
  });

  describe("sourceStates, particular", () => {
    it("sourceStates.findBySource: gives the tenant's own before the shared one", async () => {
      const sourceId = newId();
      expect(await at("acme").findBySource(sourceId)).toBeNull();
      await at("@global").put(sourceState({ sourceId, failures: 9n }), 0n);
      expect(await at("acme").findBySource(sourceId)).toMatchObject({ tenantId: "@global", failures: 9n });
      await at("acme").put(sourceState({ sourceId }), 0n);
      expect(await at("acme").findBySource(sourceId)).toMatchObject({ tenantId: "acme", failures: 0n });
      expect(await outcomeOf(() => at("acme").findBySource("x"))).toMatchObject({
        error: "VALUE_ID",
        path: "sourceId",
      });
    });

    it("sourceStates.advanceCursor: moves the cursor and clears the failures", async () => {
      const state = sourceState({ failures: 4n, lastError: "refused", backoffUntil: day(2) });
      const { sourceId } = state;
      await at("acme").put(state, 0n);
      const cursor = { "a.b": [1, null], $x: "" };
      const advanced = {
        ...state,
        cursor,
        lastSuccessAt: day(1),
        lastError: null,
        failures: 0n,
        backoffUntil: null,
        updatedAt: day(1),
        revision: 2n,
        tenantId: "acme",
      };
      expect(await at("acme").advanceCursor({ sourceId, expected: 1n, cursor, at: day(1) })).toEqual(advanced);
      expect(await at("acme").findBySource(sourceId)).toEqual(advanced);
    });

    it("sourceStates.advanceCursor: gives null for another revision, for no state, and for the shared one", async () => {
      const [state, shared] = [sourceState(), sourceState()];
      await at("acme").put(state, 0n);
      await at("@global").put(shared, 0n);
      const advance = (sourceId: string, expected: bigint) =>
        at("acme").advanceCursor({ sourceId, expected, cursor: 1, at: noon });
      expect(await advance(state.sourceId, 2n)).toBeNull();
      expect(await advance(newId(), 1n)).toBeNull();
      expect(await advance(shared.sourceId, 1n)).toBeNull();
      expect(await at("acme").findBySource(state.sourceId)).toEqual({ ...state, revision: 1n, tenantId: "acme" });
      expect(await at("acme").findBySource(shared.sourceId)).toMatchObject({ revision: 1n, cursor: null });
    });

    it("sourceStates.advanceCursor: lets one of many win", async () => {
      const state = sourceState();
      const { sourceId } = state;
      await at("acme").put(state, 0n);
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, cursor) =>
          at("acme").advanceCursor({ sourceId, expected: 1n, cursor, at: noon }),
        ),
      );
      const [won, ...others] = answers.filter((answer) => answer !== null);
      expect(others).toEqual([]);
      expect(await at("acme").findBySource(sourceId)).toEqual(won);
    });

    it("sourceStates.advanceCursor: refuses a cursor and a time that cannot be stored", async () => {
      const { sourceId } = sourceState();
      const advance = (cursor: unknown, when: Date) =>
        outcomeOf(() => at("acme").advanceCursor({ sourceId, expected: 1n, cursor: cursor as never, at: when }));
      expect(await advance({ a: Number.NaN }, noon)).toMatchObject({ error: "VALUE_NOT_FINITE", path: "cursor.a" });
      expect(await advance(undefined, noon)).toMatchObject({ family: "data", path: "cursor" });
      expect(await advance(1, new Date(Number.NaN))).toMatchObject({ error: "VALUE_DATE" });
    });

    it("sourceStates.recordFailure: counts, keeps the last error, and gives null where there is no own state", async () => {
      const [state, shared] = [sourceState(), sourceState()];
      const { sourceId } = state;
      await at("acme").put(state, 0n);
      await at("@global").put(shared, 0n);
      const failure = { sourceId, error: "timeout $x", backoffUntil: day(1), at: day(2) };
      const failed = { lastError: "timeout $x", backoffUntil: day(1), updatedAt: day(2), failures: 1n, revision: 2n };
      expect(await at("acme").recordFailure(failure)).toEqual({ ...state, ...failed, tenantId: "acme" });
      const again = await at("acme").recordFailure({ ...failure, error: "", backoffUntil: null });
      expect(again).toMatchObject({ failures: 2n, lastError: "", backoffUntil: null, revision: 3n });
      expect(await at("acme").recordFailure({ ...failure, sourceId: newId() })).toBeNull();
      expect(await at("acme").recordFailure({ ...failure, sourceId: shared.sourceId })).toBeNull();
      expect(await outcomeOf(() => at("acme").recordFailure({ ...failure, error: "\0" }))).toMatchObject({
        error: "VALUE_NUL",
        path: "lastError",
      });
    });

    it("sourceStates.recordFailure: counts every one of many at once", async () => {
      const state = sourceState();
      const { sourceId } = state;
      await at("acme").put(state, 0n);
      const callers = Array.from({ length: 12 }, () =>
        at("acme").recordFailure({ sourceId, error: "timeout", backoffUntil: null, at: noon }),
      );
      const counts = (await Promise.all(callers)).map((answer) => answer?.failures);
      expect(new Set(counts)).toEqual(new Set(Array.from({ length: 12 }, (_, i) => BigInt(i + 1))));
      expect(await at("acme").findBySource(sourceId)).toMatchObject({ failures: 12n, revision: 13n });
    });
  });
}
