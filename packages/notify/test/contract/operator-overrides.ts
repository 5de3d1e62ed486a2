import { inTurn, outcomeOf, keylessContract, whole } from "@stellaops/testkit";
import type { Rig } from "@stellaops/testkit/module";
import { describe, expect, it } from "vitest";
import type { NotifyRepositories } from "../../src/index.ts";
import { operatorOverride } from "../routing/samples.ts";
import { minute, noon } from "../samples.ts";

export function operatorOverridesContract(rig: () => Rig<NotifyRepositories>): void {
  const at = (tenant: string) => rig().at(tenant).operatorOverrides;
  keylessContract({
    name: "operatorOverrides",
    repository: at,
    make: (id) => operatorOverride(id === undefined ? {} : { id }),
    changed: (was) => ({ ...was, kind: "bypass_throttle" as const, expiresAt: minute(90), scope: {} }),
    registered: () => rig().registered,
  });

  describe("operatorOverrides, particular", () => {
    it("operatorOverrides.listActive: until it expires, to the millisecond", async () => {
      await at("acme").put(operatorOverride({ expiresAt: noon }), 0n);
      const active = async (ms: number) => (await at("acme").listActive(new Date(noon.getTime() + ms))).items.length;
      expect([await active(-1), await active(0), await active(1)]).toEqual([1, 0, 0]);
    });

    it("operatorOverrides.listActive: what expires first comes first; own and shared, to the end with every limit", async () => {
      await inTurn([5, 1, 3, 3], (n) => at("acme").put(operatorOverride({ expiresAt: minute(n) }), 0n));
      await at("@global").put(operatorOverride({ expiresAt: minute(2) }), 0n);
      await at("umbrella").put(operatorOverride({ expiresAt: minute(4) }), 0n);
      const found = await whole((request) => at("acme").listActive(noon, request));
      expect(found.map(({ expiresAt }) => expiresAt)).toEqual([1, 2, 3, 3, 5].map(minute));
      const never = await outcomeOf(() => at("acme").listActive(new Date(Number.NaN)));
      expect(never).toMatchObject({ error: "VALUE_DATE" });
    });
  });
}
