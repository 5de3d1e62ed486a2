import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { initialise, liveStage, recover, showStage, stages } from "../src/index.ts";
import type { Change, LiveStageOptions, Stage, StageSource } from "../src/index.ts";
import { ReadLease } from "../src/read-lease.ts";
import { changeTo, connect, handsOn, module, rig, unit } from "./rig.ts";
import type { Rig } from "./rig.ts";

let at: Rig;
beforeAll(async () => {
  at = await rig();
});
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(async () => {
  if ((await showStage(at.sides)).situation.kind === "none") return;
  if ((await recover(hands())).primary === "postgres") await change("shadow");
});

const hands = () => handsOn(at.sides);
const change = (target: Stage, rest?: Partial<Change>) => changeTo(at.sides, target, rest);
const live = (rest: Partial<LiveStageOptions> = {}): Promise<StageSource> =>
  liveStage({ module, sides: at.sides, instance: `instance-${(count += 1)}`, pollMs: 20, ...rest });
let count = 0;

test("a module that was never initialised has no live stage", async () => {
  await expect(live()).rejects.toMatchObject({ code: "STAGE_NONE", family: "refused" });
  await initialise({ sides: at.sides, module, stage: "mongo", by: "operator", reason: "start" });
  for (const target of ["dual-write", "shadow"] as const) await change(target);
});

test("copies that were read on both sides of a step are read again, also at the start of a service", async () => {
  const { mongo } = at.sides;
  const copy = await mongo.records.read();
  let looks = 0;
  const records: typeof mongo.records = {
    ...mongo.records,
    // As if the other copy had been read before the new primary was made ready.
    read: () => Promise.resolve((looks += 1) === 1 && copy !== null ? { ...copy, state: "moved" } : copy),
  };
  const source = await live({ sides: { ...at.sides, mongo: { ...mongo, records } } });
  expect(source.current()).toMatchObject({ stage: "shadow", epoch: copy?.epoch });
  await source.close();
});

test("a source learns of a change without restart, and units begin under it", async () => {
  const source = await live();
  const learned: Stage[] = [];
  const stop = source.subscribe(({ stage }) => learned.push(stage));
  const before = await source.begin();
  expect(before).toMatchObject({ stage: "shadow", primary: "mongo", secondary: "postgres", fenced: true });
  const view = await change("live");
  await expect.poll(() => source.current(), { interval: 5, timeout: 10_000 }).toEqual(view);
  expect(await source.begin()).toEqual(view);
  await unit(at, view.primary, view.epoch);
  await change("shadow");
  await expect.poll(() => learned, { interval: 5, timeout: 10_000 }).toEqual(["live", "shadow"]);
  stop();
  await source.close();
  await expect(source.begin()).rejects.toMatchObject({ code: "STAGE_CLOSED" });
});

test("while the stage is moving no unit begins, reads and replication go on, and a unit that waits begins afterwards", async () => {
  const source = await live({ leaseMs: 20_000 });
  const ticket = await source.beginRead();
  let arrived = false;
  const changed = change("live", { drained: () => Promise.resolve(arrived) });
  await expect
    .poll(async () => (await showStage(at.sides)).situation.kind, { interval: 5, timeout: 10_000 })
    .toBe("moving");
  await expect
    .poll(
      () =>
        source.begin({ deadlineMs: 0 }).then(
          () => "begins",
          () => "waits",
        ),
      { interval: 5, timeout: 10_000 },
    )
    .toBe("waits");
  await expect(source.begin({ deadlineMs: 1 })).rejects.toMatchObject({ code: "STAGE_MOVING", family: "transient" });
  const waiting = source.begin();
  source.assertReadable(ticket);
  expect(source.workView()).toMatchObject({ primary: "mongo", epoch: ticket.view.epoch });
  arrived = true;
  expect(await waiting).toEqual(await changed);
  expect(() => source.assertReadable(ticket)).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
  const next = await source.beginRead();
  expect(next.view.primary).toBe("postgres");
  source.assertReadable(next);
  await source.close();
});

test("an answer that was asked for under a lease that ended does not count, though there is another lease now", async () => {
  const source = await live();
  const ticket = await source.beginRead();
  await change("live");
  await change("shadow");
  await expect
    .poll(() => source.beginRead().then(({ view }) => view.epoch), { interval: 5, timeout: 10_000 })
    .toBe(ticket.view.epoch + 2n);
  expect(() => source.assertReadable(ticket)).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
  await source.close();
});

for (const [from, to] of [
  ["shadow", "live"],
  ["live", "shadow"],
] as const)
  test(`from ${from} to ${to}: the new primary stays shut while anybody holds a lease of that epoch or an older one`, async () => {
    if (from === "live") await change("live");
    const { epoch } = await recover(hands());
    const database = stages[from].primary;
    const { leases } = at.sides[database];
    await leases.grant({ instance: "silent", epoch, milliseconds: 60_000 });
    // Another epoch at the same database: the silent instance's lease is of an older one now.
    await change(from === "shadow" ? "dual-write" : "ramp-down");
    const older = await change(from);
    await expect(leases.grant({ instance: "late", epoch, milliseconds: 60_000 })).rejects.toMatchObject({
      code: "FENCED",
    });
    const held = await change(to, { leasesMs: 30 }).catch((error: unknown) => error);
    expect(held).toMatchObject({ code: "STAGE_LEASES_HELD", details: { holders: ["silent"] } });
    expect((await showStage(at.sides)).situation).toMatchObject({ kind: "moved", ready: { epoch: older.epoch + 1n } });
    await expect(unit(at, stages[to].primary, older.epoch + 1n)).rejects.toBeDefined();
    await leases.acknowledge("silent");
    expect(await recover(hands())).toMatchObject({ stage: to, epoch: older.epoch + 1n });
  });

test("a lease that was not given back runs out by the database's clock", async () => {
  const { epoch } = await recover(hands());
  await at.sides.mongo.leases.grant({ instance: "silent", epoch, milliseconds: 200 });
  expect(await change("live")).toMatchObject({ stage: "live" });
  expect(await at.sides.mongo.leases.outstanding(epoch, 0)).toEqual([]);
});

test("a service finishes a change that stands still", async () => {
  for (const [from, target] of [
    ["mongo", "live"],
    ["postgres", "shadow"],
  ] as const) {
    const source = await live({
      recover: (signal) => recover({ ...hands(), by: "a service", signal }),
      recoverAfterMs: 50,
    });
    const { records } = at.sides[from];
    const copy = await records.read();
    if (copy === null) throw new Error("no record");
    await records.compareAndSet(copy, { ...copy, state: "moving", target, changedBy: "a dead process" });
    await expect.poll(() => source.current().stage, { interval: 5, timeout: 10_000 }).toBe(target);
    expect(await source.begin()).toMatchObject({ epoch: copy.epoch + 1n });
    await source.close();
  }
  expect((await showStage(at.sides)).copies.mongo?.changedBy).toBe("a service");
});

test("a source that cannot be reached keeps the last stage; reads end with their lease", async () => {
  const { sides, pool, client } = connect(at.urls);
  const source = await live({ sides, leaseMs: 300 });
  const ticket = await source.beginRead();
  await client.close();
  await pool.end();
  const counts = (): boolean => {
    try {
      source.assertReadable(ticket);
      return true;
    } catch {
      return false;
    }
  };
  await expect.poll(counts, { interval: 5, timeout: 10_000 }).toBe(false);
  await expect(source.beginRead({ deadlineMs: 1 })).rejects.toMatchObject({ code: "STAGE_MOVING" });
  expect(await source.begin()).toEqual(ticket.view);
  await source.close();
});

/** The clocks of this process, each of which can be put forward. */
function clocks(): Disposable & { ahead(milliseconds: number, which: "both" | "monotonic" | "wall"): void } {
  const by = { monotonic: 0, wall: 0 };
  const [monotonic, wall] = [performance.now.bind(performance), Date.now.bind(Date)];
  const spies = [
    vi.spyOn(performance, "now").mockImplementation(() => monotonic() + by.monotonic),
    vi.spyOn(Date, "now").mockImplementation(() => wall() + by.wall),
  ];
  return {
    ahead(milliseconds, which) {
      if (which !== "wall") by.monotonic += milliseconds;
      if (which !== "monotonic") by.wall += milliseconds;
    },
    [Symbol.dispose]: () => spies.forEach((spy) => spy.mockRestore()),
  };
}

for (const clock of ["monotonic", "wall"] as const)
  test(`a lease ends by the ${clock} clock alone: the other one stands still in a machine that is suspended, or is set back`, async () => {
    using time = clocks();
    const lease = new ReadLease(at.sides, "suspended", 60_000);
    await lease.renew(await recover(hands()));
    const ticket = lease.ticket();
    if (ticket === null) throw new Error("no lease");
    time.ahead(60_000, clock);
    expect(lease.ticket()).toBeNull();
    expect(lease.counts(ticket)).toBe(false);
    await lease.acknowledge("mongo");
  });

test("a grant that is answered late does not lengthen the lease: it counts from before it was asked for", async () => {
  using time = clocks();
  const { mongo } = at.sides;
  const leases: typeof mongo.leases = {
    ...mongo.leases,
    async grant(request) {
      await mongo.leases.grant(request);
      time.ahead(40_000, "both");
    },
  };
  const lease = new ReadLease({ ...at.sides, mongo: { ...mongo, leases } }, "late", 60_000);
  await lease.renew(await recover(hands()));
  expect(lease.ticket()).not.toBeNull();
  time.ahead(20_000, "both");
  expect(lease.ticket()).toBeNull();
  await lease.acknowledge("mongo");
});

test("closing gives the lease back", async () => {
  const source = await live({ leaseMs: 60_000 });
  const { view } = await source.beginRead();
  expect(await at.sides.mongo.leases.outstanding(view.epoch, 0)).toHaveLength(1);
  await source.close();
  expect(await at.sides.mongo.leases.outstanding(view.epoch, 0)).toEqual([]);
});
