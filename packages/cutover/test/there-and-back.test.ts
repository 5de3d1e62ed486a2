import { afterAll, beforeAll, expect, test } from "vitest";
import { openVuln } from "../../vuln/src/index.ts";
import { advisoryOf, nextId, replicationRig, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

test("back to mongo, deletes and re-creations there, and forward again: everything is as it was left, on both databases", async () => {
  await rig.goTo("live");
  const { service: postgres, mongo } = rig;
  const service = await openVuln({ postgres, mongo, stage: "record" });
  const { advisories } = service.tenant("acme");
  const keys = Array.from({ length: 30 }, () => advisoryOf({ id: nextId() }));
  for (const one of keys) await advisories.put(one, 0n);
  await rig.goTo("mongo");
  const left = new Map<string, { readonly title: string; readonly revision: bigint } | null>();
  for (const [index, one] of keys.entries()) {
    if (index % 3 === 0) {
      left.set(one.id, { title: one.title, revision: 1n });
      continue;
    }
    await advisories.delete(one.id, 1n);
    left.set(one.id, null);
    if (index % 3 === 1) continue;
    const again = { ...one, title: `again ${index}` };
    left.set(one.id, { title: again.title, revision: await advisories.put(again, 0n) });
  }
  await rig.goTo("dual-write");
  await rig.backfill();
  await rig.goTo("live");
  for (const [id, expected] of left) {
    const found = await advisories.get(id);
    expect(found === null ? null : { title: found.title, revision: found.revision }).toEqual(expected);
  }
  await rig.drain();
  const { aggregates } = await rig.compare();
  expect(aggregates.flatMap(({ findings }) => findings)).toEqual([]);
  await service.close();
});
