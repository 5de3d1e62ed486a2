import { appendContract, inTurn, outcomeOf, retentionContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { Explanation, PolicyRepositories } from "../../src/index.ts";
import { explanation, newId } from "../samples.ts";

export function explanationsContract(rig: () => Rig<PolicyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).explanations;
  const acme = () => at("acme");
  appendContract({
    name: "explanations",
    repository: (tenant) => ({
      append: (items: readonly Explanation[]) => at(tenant).appendBatch(items),
      get: (id) => at(tenant).get(id),
      list: (request) => at(tenant).list(request),
    }),
    make: (id) => explanation(id === undefined ? {} : { id }),
    max: 1_000,
    verb: "appendBatch",
  });
  retentionContract({
    name: "explanations",
    repository: at,
    make: (createdAt, id) => explanation({ createdAt, ...(id === undefined ? {} : { id }) }),
    add: (tenant, item) => at(tenant).appendBatch([item]),
    least: 30,
    registered: () => rig().registered,
  });

  describe("explanations, particular", () => {
    it("explanations.appendBatch: a thousand at once, and a page gives them in order", async () => {
      const runId = newId();
      const batch = Array.from({ length: 1_000 }, (_, i) => explanation({ runId, ordinal: BigInt(999 - i) }));
      await acme().appendBatch(batch);
      const { items, next } = await acme().pageByRun(runId, { limit: 1_000 });
      expect(items.map(({ ordinal }) => ordinal)).toEqual(batch.map((_, i) => BigInt(i)));
      expect(next).toBeNull();
    });

    it("explanations.pageByRun: by ordinal, then id, own and shared, of that run alone", async () => {
      const runId = newId();
      await acme().appendBatch([3n, 1n, 2n, 2n, -1n].map((ordinal) => explanation({ runId, ordinal })));
      await at("@global").appendBatch([explanation({ runId, ordinal: 2n })]);
      await inTurn(["acme", "umbrella"], (tenant) => at(tenant).appendBatch([explanation()]));
      const found = await whole((request) => acme().pageByRun(runId, request));
      expect(found.map(({ ordinal }) => ordinal)).toEqual([-1n, 1n, 2n, 2n, 2n, 3n]);
      const ids = found.slice(2, 5).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted());
      expect(await acme().pageByRun(newId())).toEqual({ items: [], next: null });
      expect(await outcomeOf(() => acme().pageByRun(null as never))).toMatchObject({ family: "data", path: "runId" });
      const { next } = await acme().pageByRun(runId, { limit: 1 });
      const foreign = outcomeOf(() => acme().pageByRun(newId(), { after: next }));
      expect(await foreign).toMatchObject({ error: "CURSOR_FOREIGN" });
    });
  });
}
