import { inTurn, outcomeOf, readerContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories, ThrottleConfig } from "../../src/index.ts";
import { minute, newId, noon } from "../samples.ts";
import { throttleLimit } from "../work/samples.ts";

const configOf = ({ at, ...given }: ReturnType<typeof throttleLimit>): ThrottleConfig => ({
  ...given,
  windowStart: null,
  events: 0n,
  createdAt: at,
  updatedAt: at,
});
const most = 2n ** 63n - 1n;

export function throttleConfigsContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).throttleConfigs;
  const acme = () => at("acme");
  const limited = async (over: Partial<ReturnType<typeof throttleLimit>> = {}) => {
    const { scopeKind, scopeId, id } = await acme().configure(throttleLimit(over));
    const consume = (n: bigint, when: Date) => acme().tryConsume({ scopeKind, scopeId, n, at: when });
    return { id, scopeId, consume };
  };
  readerContract({
    name: "throttleConfigs",
    get: (tenant, id) => at(tenant).get(id),
    list: (tenant) => (request) => at(tenant).list(request),
    add: (tenant, item) => {
      const { id, scopeId } = item as ThrottleConfig;
      return at(tenant).configure(throttleLimit({ id, scopeId }));
    },
    make: (id = newId()) => configOf(throttleLimit({ id })),
  });

  describe("throttleConfigs, particular", () => {
    it("throttleConfigs.configure: one limit a scope; what has passed stays counted", async () => {
      const given = throttleLimit();
      const made = { ...configOf(given), revision: 1n, tenantId: "acme" };
      expect(await acme().configure(given)).toEqual(made);
      const { scopeKind, scopeId } = given;
      await acme().tryConsume({ scopeKind, scopeId, n: 2n, at: noon });
      const again = await acme().configure(throttleLimit({ scopeId, maxEvents: 9n, windowSeconds: 30, at: minute(1) }));
      const set = { maxEvents: 9n, windowSeconds: 30, updatedAt: minute(1) };
      expect(again).toEqual({ ...made, ...set, windowStart: noon, events: 2n, revision: 3n });
      const other = await acme().configure(throttleLimit({ scopeKind: "user", scopeId }));
      expect(other).toMatchObject({ revision: 1n });
      expect(await outcomeOf(() => acme().configure(throttleLimit({ id: made.id })))).toMatchObject({
        error: "REVISION_CONFLICT",
      });
    });

    it("throttleConfigs.configure: one, however many set it at once", async () => {
      const { scopeId } = throttleLimit();
      await Promise.all(Array.from({ length: 6 }, () => acme().configure(throttleLimit({ scopeId }))));
      expect((await acme().list()).items).toMatchObject([{ revision: 6n }]);
    });

    it.each([
      ["windowSeconds", "of less than a second", { windowSeconds: 0 }],
      ["windowSeconds", "of more than a year", { windowSeconds: 31_536_001 }],
      ["maxEvents", "below 0", { maxEvents: -1n }],
      ["maxEvents", "above 64 bits", { maxEvents: most + 1n }],
    ])("throttleConfigs.configure: refuses %s %s", async (path, _, over) => {
      const refused = await outcomeOf(() => acme().configure(throttleLimit(over)));
      expect(refused).toMatchObject({ error: "VALUE_OUT_OF_RANGE", family: "data", path });
    });

    it("throttleConfigs.tryConsume: all or none, until the window is full; the next one begins anew", async () => {
      const { consume, id } = await limited();
      const resetsAt = minute(1);
      expect(await consume(2n, noon)).toEqual({ allowed: true, left: 1n, resetsAt });
      expect(await consume(2n, noon)).toEqual({ allowed: false, left: 1n, resetsAt });
      expect(await consume(1n, new Date(minute(1).getTime() - 1))).toEqual({ allowed: true, left: 0n, resetsAt });
      const before = await acme().get(id);
      expect(await consume(1n, noon)).toEqual({ allowed: false, left: 0n, resetsAt });
      expect(await acme().get(id)).toEqual(before);
      expect(await consume(1n, minute(1))).toEqual({ allowed: true, left: 2n, resetsAt: minute(2) });
      expect(await acme().get(id)).toMatchObject({ windowStart: minute(1), events: 1n });
    });

    it("throttleConfigs.tryConsume: windows lie next to each other from the first event on", async () => {
      const { consume, id } = await limited();
      const later = (ms: number) => new Date(minute(1).getTime() + ms);
      await consume(1n, later(123));
      expect(await consume(3n, new Date(later(123).getTime() + 90_000))).toMatchObject({
        allowed: true,
        resetsAt: new Date(later(123).getTime() + 120_000),
      });
      expect(await acme().get(id)).toMatchObject({ windowStart: new Date(later(123).getTime() + 60_000), events: 3n });
      const far = new Date("2999-06-01T00:00:00.007Z");
      const { resetsAt } = (await consume(1n, far))!;
      expect((resetsAt.getTime() - later(123).getTime()) % 60_000).toBe(0);
      expect(resetsAt > far && resetsAt.getTime() - far.getTime() <= 60_000).toBe(true);
    });

    it("throttleConfigs.tryConsume: a clock that goes back counts in the current window", async () => {
      const { consume } = await limited();
      await consume(2n, noon);
      expect(await consume(1n, minute(-99))).toEqual({ allowed: true, left: 0n, resetsAt: minute(1) });
      expect(await consume(1n, minute(-1))).toMatchObject({ allowed: false, left: 0n });
    });

    it("throttleConfigs.tryConsume: never more than the limit, however many try at once", async () => {
      const { consume, id } = await limited({ maxEvents: 7n });
      const answers = await Promise.all(Array.from({ length: 20 }, () => consume(1n, noon)));
      expect(answers.filter((answer) => answer?.allowed === true)).toHaveLength(7);
      expect(new Set(answers.flatMap((answer) => (answer?.allowed === true ? [answer.left] : []))).size).toBe(7);
      expect(await acme().get(id)).toMatchObject({ events: 7n, revision: 8n });
      // In a window that begins just then, too.
      const next = await Promise.all(Array.from({ length: 12 }, () => consume(2n, minute(1))));
      expect(next.filter((answer) => answer?.allowed === true)).toHaveLength(3);
    });

    it("throttleConfigs.tryConsume: a limit of 0, one that is larger than any count, and more than the limit at once", async () => {
      const none = await limited({ maxEvents: 0n });
      expect(await none.consume(1n, noon)).toEqual({ allowed: false, left: 0n, resetsAt: minute(1) });
      const all = await limited({ maxEvents: most });
      expect(await all.consume(most, noon)).toMatchObject({ allowed: true, left: 0n });
      expect(await all.consume(1n, noon)).toMatchObject({ allowed: false });
      const some = await limited();
      await some.consume(1n, noon);
      expect(await some.consume(4n, minute(5))).toEqual({ allowed: false, left: 3n, resetsAt: minute(6) });
    });

    it("throttleConfigs.tryConsume: null where the tenant has no limit of its own; refuses what is no number of events", async () => {
      const shared = await at("@global").configure(throttleLimit());
      const { scopeKind, scopeId } = shared;
      const consume = (over: object) =>
        outcomeOf(() => acme().tryConsume({ scopeKind, scopeId, n: 1n, at: noon, ...over }));
      expect(await consume({})).toEqual({ value: null });
      for (const n of [0n, -1n, most + 1n])
        expect(await consume({ n })).toMatchObject({ error: "VALUE_OUT_OF_RANGE", family: "data" });
      expect(await consume({ n: 1 })).toMatchObject({ family: "data" });
      expect(await consume({ scopeId: null })).toMatchObject({ family: "data", path: "scopeId" });
      expect(await consume({ scopeKind: "moon" })).toMatchObject({ error: "VALUE_CHOICE", path: "scopeKind" });
      expect(await consume({ at: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE" });
    });

    it("throttleConfigs.delete: at its revision; nothing is held back then", async () => {
      const { id, consume } = await limited();
      await consume(1n, noon);
      expect(await outcomeOf(() => acme().delete(id, 1n))).toMatchObject({ error: "REVISION_CONFLICT" });
      await acme().delete(id, 2n);
      expect(await acme().get(id)).toBeNull();
      expect(await consume(9n, noon)).toBeNull();
    });

    it("throttleConfigs.findByScope: the tenant's own before the shared one", async () => {
      const shared = await at("@global").configure(throttleLimit());
      const find = (tenant = "acme") => at(tenant).findByScope(shared.scopeKind, shared.scopeId);
      expect(await find()).toEqual(shared);
      const [own] = await inTurn([0], () => acme().configure(throttleLimit({ scopeId: shared.scopeId })));
      expect(await find()).toEqual(own);
      expect(await find("umbrella")).toEqual(shared);
      expect(await acme().findByScope("user", shared.scopeId)).toBeNull();
      expect(await outcomeOf(() => acme().findByScope("user", null as never))).toMatchObject({ family: "data" });
    });
  });
}
