import { byBytes } from "@stellaops/kernel";
import { inTurn, outcomeOf, keylessContract } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isQuiet, type NotifyRepositories, type QuietHours } from "../../src/index.ts";
import { quietTime } from "../routing/samples.ts";
import { minute, noon } from "../samples.ts";
import { changes } from "../wall.ts";

export function quietHoursContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).quietHours;
  keylessContract({
    name: "quietHours",
    repository: at,
    make: (id) => quietTime(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, days: ["mon"], fromMinute: 0, toMinute: 1_440, timezone: "UTC", enabled: false }),
    registered: () => rig().registered,
  });

  describe("quietHours, particular", () => {
    it("quietHours.put: refuses what is no zone, no day, no minute of the day, and no time at all", async () => {
      const put = (over: Partial<QuietHours>) => outcomeOf(() => at("acme").put(quietTime(over), 0n));
      expect(await put({ timezone: "Mars/Olympus" })).toMatchObject({ error: "TIMEZONE_UNKNOWN", path: "timezone" });
      for (const days of [[], ["monday"], ["mon", "MON"]])
        expect(await put({ days })).toMatchObject({ error: "DAY_TIMES", path: "days" });
      expect(await put({ fromMinute: 1_440 })).toMatchObject({ error: "DAY_TIMES", path: "fromMinute" });
      expect(await put({ toMinute: 1_441 })).toMatchObject({ error: "DAY_TIMES", path: "toMinute" });
      expect(await put({ fromMinute: 60, toMinute: 60 })).toMatchObject({ error: "DAY_TIMES", path: "toMinute" });
      expect(await put({ channelIds: ["ops"] })).toMatchObject({ error: "VALUE_ID" });
      expect(await at("acme").list()).toEqual({ items: [], next: null });
    });

    it("quietHours.listActive: enabled ones of the instant, own and shared, by id", async () => {
      const made = [quietTime(), quietTime(), quietTime({ days: ["tue"] }), quietTime({ enabled: false })];
      await inTurn(made, (one) => at("acme").put(one, 0n));
      await at("@global").put(quietTime({ id: made[1]!.id }), 0n);
      await at("umbrella").put(quietTime(), 0n);
      const found = (await at("acme").listActive(noon)).map(({ id, tenantId }) => `${id} ${tenantId}`);
      expect(found).toEqual([`${made[0]!.id} acme`, `${made[1]!.id} @global`, `${made[1]!.id} acme`].toSorted(byBytes));
      // 14:00 in Berlin is an hour after noon.
      expect(await at("acme").listActive(new Date(minute(60).getTime() - 1))).toHaveLength(3);
      expect(await at("acme").listActive(minute(60))).toEqual([]);
      const never = await outcomeOf(() => at("acme").listActive(new Date(Number.NaN)));
      expect(never).toMatchObject({ error: "VALUE_DATE" });
    });

    it("quietHours.listActive: what the rule of the domain says, around changes of clocks in every zone", async () => {
      const made = changes.flatMap(([timezone]) => [
        quietTime({ timezone, days: ["sat", "sun"], fromMinute: 1_380, toMinute: 150 }),
        quietTime({ timezone, days: ["sun", "fri"], fromMinute: 90, toMinute: 180 }),
      ]);
      await inTurn(made, (one) => at("acme").put(one, 0n));
      const instants = changes.map(([, change]) =>
        fc.integer({ min: -200, max: 200 }).map((n) => Date.parse(change) + n * 60_000),
      );
      const property = fc.asyncProperty(fc.oneof(...instants), async (ms) => {
        const instant = new Date(ms);
        const expected = made.filter((one) => isQuiet(one, instant)).map(({ id }) => id);
        expect((await at("acme").listActive(instant)).map(({ id }) => id)).toEqual(expected.toSorted(byBytes));
      });
      await expect(fc.assert(property, { numRuns: 60, seed: 20_260_301 })).resolves.toBeUndefined();
    });
  });
}
