import { inTurn, outcomeOf, keylessContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories } from "../../src/index.ts";
import { maintenance } from "../routing/samples.ts";
import { minute, noon } from "../samples.ts";

const ms = (n: number): Date => new Date(noon.getTime() + n);

export function maintenanceWindowsContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).maintenanceWindows;
  keylessContract({
    name: "maintenanceWindows",
    repository: at,
    make: (id) => maintenance(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, endsAt: minute(90), reason: null, scope: {} }),
    registered: () => rig().registered,
  });

  describe("maintenanceWindows, particular", () => {
    it("maintenanceWindows.put: refuses one that does not end after it starts", async () => {
      for (const endsAt of [noon, ms(-1)]) {
        const refused = await outcomeOf(() => at("acme").put(maintenance({ startsAt: noon, endsAt }), 0n));
        expect(refused).toMatchObject({ error: "WINDOW_EMPTY", family: "data", path: "endsAt" });
      }
      expect(await at("acme").put(maintenance({ startsAt: noon, endsAt: ms(1) }), 0n)).toBe(1n);
    });

    it("maintenanceWindows.listActive: from the start on and before the end, to the millisecond", async () => {
      const made = maintenance({ startsAt: noon, endsAt: minute(1) });
      await at("acme").put(made, 0n);
      const active = async (instant: Date) => (await at("acme").listActive(instant)).items.map(({ id }) => id);
      expect(await active(ms(-1))).toEqual([]);
      expect(await active(noon)).toEqual([made.id]);
      expect(await active(ms(59_999))).toEqual([made.id]);
      expect(await active(minute(1))).toEqual([]);
    });

    it("maintenanceWindows.listActive: what ends first comes first; own and shared, to the end with every limit", async () => {
      const ends = [5, 1, 3, 3];
      await inTurn(ends, (n) => at("acme").put(maintenance({ endsAt: minute(n) }), 0n));
      await at("@global").put(maintenance({ endsAt: minute(2) }), 0n);
      await at("umbrella").put(maintenance({ endsAt: minute(4) }), 0n);
      const found = await whole((request) => at("acme").listActive(noon, request));
      expect(found.map(({ endsAt }) => endsAt)).toEqual([1, 2, 3, 3, 5].map(minute));
      const never = await outcomeOf(() => at("acme").listActive(new Date(Number.NaN)));
      expect(never).toMatchObject({ error: "VALUE_DATE" });
    });
  });
}
