import { afterAll, beforeAll, expect, test } from "vitest";
import { advisories } from "../../vuln/src/aggregates.ts";
import { findingsOf, otherDatabase, purgeTombstones, type Database, type Stage, type StageView } from "../src/index.ts";
import { acme, advisoryOf, replicationRig, vuln, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const purge = (view: StageView, olderThanMs = 0, batch?: number) => {
  const { sides, copies: replicas } = rig;
  return purgeTombstones({
    module: vuln,
    sides,
    replicas,
    view,
    olderThanMs,
    ...(batch === undefined ? {} : { batch }),
  });
};

for (const [primary, alone, both] of [
  ["mongo", "mongo", "dual-write"],
  ["postgres", "postgres", "ramp-down"],
] as const satisfies readonly (readonly [Database, Stage, Stage])[])
  test(`at ${alone}: old tombstones go, and no late apply brings their keys back`, async () => {
    const secondary = otherDatabase(primary);
    const read = async (id: string) => (await rig.copies[primary].read(advisories, acme, [id]))[0];
    const write = (view: StageView, work: Parameters<typeof rig.write>[1]) =>
      rig.write(primary, work, { generation: view.generation, pending: view.secondary !== null });

    const replicated = await rig.goTo(both);
    const [gone, kept, young] = [advisoryOf(), advisoryOf(), advisoryOf()];
    for (const one of [gone, kept, young]) await write(replicated, (on) => on.advisories.put(one, 0n));
    const late = await read(gone.id);
    await rig.backfill();
    await rig.drain();
    await expect(purge(replicated)).rejects.toMatchObject({ code: "PURGE_REPLICATING", family: "refused" });

    const view = await rig.goTo(alone);
    await write(view, (on) => on.advisories.delete(gone.id, 1n));
    await write(view, (on) => on.advisories.delete(young.id, 1n));
    expect(await purge(view, 3_600_000)).toBe(0);
    expect(await read(gone.id)).toMatchObject({ deleted: true, revision: 2n });
    // In small units of work, so that it goes on behind its position.
    expect(await purge(view, 0, 1)).toBeGreaterThanOrEqual(2);
    expect(await read(gone.id)).toBeUndefined();
    expect(await read(kept.id)).toMatchObject({ deleted: false });
    expect(await purge(view)).toBe(0);
    // What an applier of the replication before had in hand: the register knows nothing of its key any more.
    if (late === undefined) throw new Error("never read");
    await expect(rig.copies[primary].apply(advisories, acme, [late], replicated.generation)).rejects.toMatchObject({
      code: "APPLY_FENCED",
    });
    // Created again, it begins at revision 1, and still travels.
    await write(view, (on) => on.advisories.put(gone, 0n));
    expect(await read(gone.id)).toMatchObject({ revision: 1n });
    await rig.goTo(both);
    await expect(purge(view)).rejects.toMatchObject({ code: "FENCED", family: "transient" });
    await rig.backfill();
    await rig.drain();
    expect((await rig.copies[secondary].read(advisories, acme, [gone.id]))[0]).toMatchObject({ revision: 1n });
    expect(await rig.copies[secondary].read(advisories, acme, [young.id])).toEqual([]);
    expect(findingsOf(await rig.compare())).toBe(0);
  });
