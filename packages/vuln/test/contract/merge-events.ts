import { inTurn, outcomeOf, readerContract, whole } from "@stellaops/testkit";
import { describe, expect, it } from "vitest";
import type { MergeEvent } from "../../src/aggregates.ts";
import { day, fresh, mergeEvent, newId } from "../samples.ts";
import type { Rig } from "../store.ts";

export function mergeEventsContract(rig: () => Rig): void {
  const at = (tenant: string) => rig().at(tenant).mergeEvents;
  readerContract({
    name: "mergeEvents",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => at(tenant).append([item as MergeEvent]),
    make: (id) => mergeEvent(id === undefined ? {} : { id }),
  });

  describe("mergeEvents, particular", () => {
    it("mergeEvents.append: stores all, and nothing for an empty batch", async () => {
      const events = [mergeEvent(), mergeEvent({ beforeHash: "before", inputs: [] })];
      await at("acme").append([]);
      await at("acme").append(events);
      for (const event of events)
        expect(await at("acme").get(event.id)).toEqual({ ...event, revision: 1n, tenantId: "acme" });
    });

    it("mergeEvents.append: stores none when one id is there already", async () => {
      const [first, second, third] = [mergeEvent(), mergeEvent(), mergeEvent()];
      await at("acme").append([second]);
      const refused = await outcomeOf(() => at("acme").append([first, { ...second, afterHash: "other" }, third]));
      expect(refused).toMatchObject({ error: "REVISION_CONFLICT", family: "conflict" });
      expect(await at("acme").get(first.id)).toBeNull();
      expect(await at("acme").get(third.id)).toBeNull();
      expect(await at("acme").get(second.id)).toMatchObject({ afterHash: second.afterHash, revision: 1n });
      await at("umbrella").append([second]);
    });

    it("mergeEvents.append: refuses one id twice, a value that cannot be stored, and more than 1,000", async () => {
      const event = mergeEvent();
      const append = (...events: readonly MergeEvent[]) => outcomeOf(() => at("acme").append(events));
      expect(await append(event, { ...event })).toMatchObject({ error: "BATCH_DUPLICATE", family: "data" });
      const bad = mergeEvent({ afterHash: "\0" });
      expect(await append(event, bad)).toMatchObject({ error: "VALUE_NUL", path: "afterHash" });
      const many = Array.from({ length: 1_001 }, () => mergeEvent());
      expect(await append(...many)).toMatchObject({ error: "BATCH_TOO_LARGE" });
      expect(await at("acme").list()).toEqual({ items: [], next: null });
    });

    it("mergeEvents.append: lets one of many win that append one id at once", async () => {
      const id = newId();
      const outcomes = await Promise.all(
        Array.from({ length: 6 }, () => outcomeOf(() => at("acme").append([mergeEvent({ id }), mergeEvent()]))),
      );
      expect(outcomes.filter((outcome) => "value" in outcome)).toHaveLength(1);
      expect((await at("acme").list()).items).toHaveLength(2);
    });

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
