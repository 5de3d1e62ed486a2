import { appendContract, inTurn, outcomeOf, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import { day, fresh, mergeEvent } from "../samples.ts";
import type { Rig } from "@stellaops/testkit/module";
import type { VulnRepositories } from "@stellaops/vuln";

export function mergeEventsContract(rig: () => Rig<VulnRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).mergeEvents;
  appendContract({
    name: "mergeEvents",
    repository: at,
    make: (id) => mergeEvent(id === undefined ? {} : { id }),
    max: 1_000,
  });

  describe("mergeEvents, particular", () => {
    it("mergeEvents.listByAdvisory: by time, then id, own and shared, of that advisory only", async () => {
      const advisoryKey = fresh("STELLA");
      const days = [3, 1, 2, 2, 2];
      await at("acme").append(days.map((n) => mergeEvent({ advisoryKey, mergedAt: day(n) })));
      await at("@global").append([mergeEvent({ advisoryKey, mergedAt: day(2) })]);
      await at("umbrella").append([mergeEvent({ advisoryKey })]);
      await at("acme").append([mergeEvent()]);
      const found = await whole((request) => at("acme").listByAdvisory(advisoryKey, request));
      expect(found.map(({ mergedAt }) => mergedAt)).toEqual([1, 2, 2, 2, 2, 3].map(day));
      const ids = found.slice(1, 5).map(({ id }) => id);
      expect(ids).toEqual(ids.toSorted());
    });

    it("mergeEvents.listByAdvisory: refuses a cursor of another advisory", async () => {
      const [a, b] = [fresh("A"), fresh("B")];
      await inTurn([a, a, b, b], (advisoryKey) => at("acme").append([mergeEvent({ advisoryKey })]));
      const { next } = await at("acme").listByAdvisory(a, { limit: 1 });
      const ask = (key: string, after: string | null) => outcomeOf(() => at("acme").listByAdvisory(key, { after }));
      expect(await ask(b, next)).toMatchObject({ error: "CURSOR_FOREIGN" });
      expect(await ask("\0", null)).toMatchObject({ error: "VALUE_NUL", path: "advisoryKey" });
    });
  });
}
