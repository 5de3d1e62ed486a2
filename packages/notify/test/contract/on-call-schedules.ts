import { outcomeOf, repositoryContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories, OnCallSchedule } from "../../src/index.ts";
import { addition, onCallSchedule } from "../routing/samples.ts";
import { minute, newId, noon } from "../samples.ts";

export function onCallSchedulesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).onCallSchedules;
  repositoryContract({
    name: "onCallSchedules",
    repository: at,
    make: (id) => onCallSchedule(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, timezone: "UTC", layers: [] }),
    twin: ({ name }) => onCallSchedule({ name }),
    constraint: "uq_on_call_schedules_name",
    registered: () => rig().registered,
  });

  const stored = async (over: Partial<OnCallSchedule> = {}, tenant = "acme") => {
    const made = onCallSchedule(over);
    await at(tenant).put(made, 0n);
    return made;
  };
  const override = (n: number) => ({
    userId: `user ${n}`,
    startsAt: minute(10).toISOString(),
    endsAt: minute(20).toISOString(),
  });

  describe("onCallSchedules, particular", () => {
    it("onCallSchedules.put: refuses a zone, layers and overrides that cannot be followed", async () => {
      const put = (over: Partial<OnCallSchedule>) => outcomeOf(() => at("acme").put(onCallSchedule(over), 0n));
      const refusal = { error: "ON_CALL_INVALID", family: "data" };
      const layer = {
        name: "x",
        users: ["ada"],
        startsOn: "2026-02-23",
        handoffMinute: 0,
        rotationDays: 1,
        hours: null,
      };
      const wrong = (over: object) => put({ layers: [{ ...layer, ...over }] });
      expect(await put({ timezone: "" })).toMatchObject({ error: "TIMEZONE_UNKNOWN" });
      expect(await put({ layers: {} })).toMatchObject({ ...refusal, path: "layers" });
      expect(await wrong({ users: [] })).toMatchObject({ ...refusal, path: "layers.0.users" });
      expect(await wrong({ startsOn: "2026-02-30" })).toMatchObject({ ...refusal, path: "layers.0.startsOn" });
      expect(await wrong({ handoffMinute: 1_440 })).toMatchObject({ ...refusal, path: "layers.0.handoffMinute" });
      expect(await wrong({ rotationDays: 0 })).toMatchObject({ ...refusal, path: "layers.0.rotationDays" });
      expect(await wrong({ until: null })).toMatchObject({ ...refusal, path: "layers.0" });
      const hours = { days: ["x"], fromMinute: 0, toMinute: 1 };
      expect(await wrong({ hours })).toMatchObject({ error: "DAY_TIMES", path: "layers.0.hours.days" });
      const backwards = { ...override(1), endsAt: minute(10).toISOString() };
      expect(await put({ overrides: [backwards] })).toMatchObject({ ...refusal, path: "overrides.0.endsAt" });
      expect(await at("acme").list()).toEqual({ items: [], next: null });
    });

    it("onCallSchedules.onCallAt: by the tenant's own schedule, else the shared one; null where there is none", async () => {
      const { id } = await stored({}, "@global");
      expect(await at("acme").onCallAt(id, noon)).toEqual({ userId: "ada", layer: "first" });
      expect(await at("acme").onCallAt(id, minute(60 * 24 * 2))).toEqual({ userId: "bob", layer: "first" });
      await stored({ id, layers: [] });
      expect(await at("acme").onCallAt(id, noon)).toBeNull();
      expect(await at("umbrella").onCallAt(id, noon)).toMatchObject({ userId: "ada" });
      expect(await at("acme").onCallAt(newId(), noon)).toBeNull();
      expect(await outcomeOf(() => at("acme").onCallAt("no id", noon))).toMatchObject({ error: "VALUE_ID" });
      const never = new Date(Number.NaN);
      expect(await outcomeOf(() => at("acme").onCallAt(id, never))).toMatchObject({ error: "VALUE_DATE" });
    });

    it("onCallSchedules.addOverride: is in force before the layers and those that were there", async () => {
      const { id: scheduleId } = await stored();
      const first = await at("acme").addOverride(addition({ scheduleId }));
      expect(first).toMatchObject({ revision: 2n, updatedAt: noon, overrides: [{ ...override(0), userId: "eve" }] });
      await at("acme").addOverride(addition({ scheduleId, userId: "fay", startsAt: minute(12), endsAt: minute(14) }));
      const who = async (n: number) => (await at("acme").onCallAt(scheduleId, minute(n)))?.userId;
      expect([await who(9), await who(10), await who(12), await who(14), await who(20)]).toEqual([
        "ada",
        "eve",
        "fay",
        "eve",
        "ada",
      ]);
    });

    it("onCallSchedules.addOverride: gives null for what is not the tenant's own, and refuses what is no time", async () => {
      const { id: scheduleId } = await stored({}, "@global");
      expect(await at("acme").addOverride(addition({ scheduleId }))).toBeNull();
      expect(await at("acme").addOverride(addition())).toBeNull();
      const add = (over: object) => outcomeOf(() => at("acme").addOverride(addition(over)));
      expect(await add({ endsAt: minute(10) })).toMatchObject({ error: "ON_CALL_INVALID", path: "override.endsAt" });
      expect(await add({ startsAt: new Date(Number.NaN) })).toMatchObject({ error: "VALUE_DATE", path: "startsAt" });
      expect(await add({ userId: "" })).toMatchObject({ error: "ON_CALL_INVALID", path: "override.userId" });
      expect(await add({ userId: "\0" })).toMatchObject({ error: "VALUE_NUL" });
      expect(await add({ scheduleId: "no id" })).toMatchObject({ error: "VALUE_ID" });
    });

    it("onCallSchedules.addOverride: loses none of many at once, and takes no more than 1,000", async () => {
      const { id: scheduleId } = await stored({ overrides: Array.from({ length: 994 }, (_, i) => override(i)) });
      const names = Array.from({ length: 10 }, (_, i) => `new ${i}`);
      const outcomes = await Promise.all(
        names.map((userId) => outcomeOf(() => at("acme").addOverride(addition({ scheduleId, userId })))),
      );
      const refused = outcomes.filter((outcome) => "error" in outcome);
      expect(refused).toMatchObject(
        Array.from({ length: 4 }, () => ({ error: "OVERRIDES_TOO_MANY", family: "conflict" })),
      );
      const found = await at("acme").get(scheduleId);
      expect(found).toMatchObject({ revision: 7n });
      expect(found?.overrides).toHaveLength(1_000);
    });
  });
}
