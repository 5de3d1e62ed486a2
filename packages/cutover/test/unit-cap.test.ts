import { openVuln } from "../../vuln/src/index.ts";
import { aSource } from "@stellaops/testkit/source";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { defaultUnitCapMs } from "../src/unit-cap.ts";
import { nextId, replicationRig, type ReplicationRig } from "./replication-rig.ts";

let at: ReplicationRig;
beforeAll(async () => {
  at = await replicationRig();
  vi.stubEnv("STELLA_UNIT_CAP_MS", "150");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await at[Symbol.asyncDispose]();
});

test.each(["mongo", "live"] as const)(
  "under a live source (%s) a unit that goes on too long is ended and stores nothing",
  async (stage) => {
    await at.goTo(stage);
    const module = await openVuln({ postgres: at.service, mongo: at.mongo, stage: "record" });
    const id = nextId();
    const { sources, transaction } = module.tenant("acme");
    const endless = transaction(
      async (unit) => {
        await unit.sources.put(aSource(id), 0n);
        for (;;) await unit.sources.get(id);
      },
      { deadlineMs: 1 },
    );
    await expect(endless).rejects.toMatchObject({ code: "UNIT_TIMEOUT", family: "transient" });
    expect(await sources.get(id)).toBeNull();
    await module.close();
  },
);

test("what is no number of milliseconds leaves the ordinary cap", () => {
  for (const given of ["", "0", "-1", "soon", "1.5"]) expect(defaultUnitCapMs({ STELLA_UNIT_CAP_MS: given })).toBe(500);
  expect(defaultUnitCapMs({ STELLA_UNIT_CAP_MS: "2000" })).toBe(2_000);
});
