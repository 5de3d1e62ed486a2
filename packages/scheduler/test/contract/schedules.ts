import { inTurn, outcomeOf, repositoryContract, softContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { Schedule, SchedulerRepositories } from "../../src/index.ts";
import { minute, noon, schedule } from "../samples.ts";

export function schedulesContract(rig: () => Rig<SchedulerRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).schedules;
  const subject = {
    name: "schedules",
    repository: at,
    make: (id?: string) => schedule(id === undefined ? {} : { id }),
    twin: ({ name }: Schedule) => schedule({ name }),
    constraint: "uq_schedules_name",
  };
  repositoryContract({
    ...subject,
    changed: (was) => ({ ...was, cron: "*/5 * * * * *", timezone: "UTC", subscribers: [], onlyIf: { changed: true } }),
    registered: () => rig().registered,
  });
  softContract(subject);

  describe("schedules, particular", () => {
    it("schedules.put: refuses a timetable that cannot be followed", async () => {
      const put = (over: Partial<Schedule>) => outcomeOf(() => at("acme").put(schedule(over), 0n));
      expect(await put({ cron: "61 * * * *" })).toMatchObject({ error: "CRON_INVALID", family: "data", path: "cron" });
      expect(await put({ cron: "2030-01-01T00:00:00" })).toMatchObject({ error: "CRON_INVALID" });
      expect(await put({ timezone: "Mars/Olympus" })).toMatchObject({ error: "TIMEZONE_UNKNOWN", path: "timezone" });
      expect(await put({ misfireGraceSeconds: -1 })).toMatchObject({
        error: "VALUE_OUT_OF_RANGE",
        path: "misfireGraceSeconds",
      });
      expect(await put({ cron: "\0" })).toMatchObject({ error: "VALUE_NUL", path: "cron" });
      expect(await at("acme").list()).toEqual({ items: [], next: null });
      // One without a fire time left can be followed; it fires nothing.
      expect(await put({ cron: "0 0 30 2 *" })).toEqual({ value: 1n });
    });

    it("schedules.put: keeps the mark of one that is deleted, whatever else changes", async () => {
      const one = schedule();
      await at("acme").put(one, 0n);
      await at("acme").softDelete(one.id, 1n, { by: "bob", at: noon });
      const found = await at("acme").get(one.id);
      expect(await at("acme").put({ ...found!, name: "renamed" }, 2n)).toBe(3n);
      expect(await at("acme").get(one.id)).toMatchObject({ name: "renamed", deletedAt: noon, deletedBy: "bob" });
    });

    it("schedules.listEnabled: by name, own and shared; neither disabled nor deleted ones", async () => {
      const names = ["b", "\u{1f600}", "a", "\uffff", "B"];
      await inTurn(names, (name) => at("acme").put(schedule({ name }), 0n));
      await at("@global").put(schedule({ name: "b" }), 0n);
      await at("umbrella").put(schedule({ name: "c" }), 0n);
      await at("acme").put(schedule({ name: "off", enabled: false }), 0n);
      const gone = schedule({ name: "gone" });
      await at("acme").put(gone, 0n);
      await at("acme").softDelete(gone.id, 1n, { by: "bob", at: minute(1) });
      const found = await whole((request) => at("acme").listEnabled(request));
      expect(found.map(({ name }) => name)).toEqual(["B", "a", "b", "b", "\uffff", "\u{1f600}"]);
      await at("acme").restore(gone.id, 2n, { at: minute(2) });
      expect(await whole((request) => at("acme").listEnabled(request))).toHaveLength(7);
    });
  });
}
