import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { aSource } from "@stellaops/testkit/source";
import type { Document } from "mongodb";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openVuln } from "../../vuln/src/index.ts";
import {
  awaitCapture,
  captureState,
  changeStage,
  drainedOf,
  drainedWithCapture,
  findingsOf,
  type FaultPoint,
} from "../src/index.ts";
import { nextId, replicationRig, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeEach(async () => {
  rig = await replicationRig();
});
afterEach(() => rig[Symbol.asyncDispose]());

const db = () => rig.mongo.db;
const script = () => db().collection<Document>("sources");
const legacy = (i: number): Document => {
  const { id: _, ...rest } = aSource("");
  return {
    ...rest,
    _id: `legacy ${i}` as never,
    key: `key ${i}`,
    id: `0190a1b2-0000-7000-8000-${String(i).padStart(12, "0")}`,
  };
};

function child(work: "adopt" | "capture", fault?: FaultPoint) {
  const path = fileURLToPath(new URL("capture-child.ts", import.meta.url));
  const env = { ...process.env, WORK: work, SERVICE: rig.urls.service, MONGO: rig.urls.mongo };
  return spawn(process.execPath, ["--conditions=@stellaops/source", path], {
    env: fault === undefined ? env : { ...env, STELLA_FAULT: fault },
    stdio: ["pipe", "pipe", "inherit"],
  });
}

async function killedBy(work: "adopt" | "capture", fault: FaultPoint, opened?: () => Promise<unknown>): Promise<void> {
  const started = child(work, fault);
  const exited = once(started, "exit");
  if (opened !== undefined) {
    await once(started.stdout, "data");
    await opened();
  }
  expect(await exited).toEqual([null, "SIGKILL"]);
}

/** Processes of a busy machine take their time to start. */
const unhurried = { timeout: 180_000 };

for (const fault of ["adopt-stamped", "adopt-saved"] as const)
  test(
    `an adoption killed at ${fault} goes on from its cursor, and adopts every document once`,
    unhurried,
    async () => {
      await script().drop();
      await script().insertMany(Array.from({ length: 45 }, (_, i) => legacy(i)));
      await killedBy("adopt", fault);
      const cursor = await db()
        .collection("adoptions")
        .findOne({ _id: "sources" as never });
      expect(cursor?.["counts"]?.scanned ?? 0).toBe(fault === "adopt-saved" ? 10 : 0);
      const [code] = await once(child("adopt"), "exit");
      expect(code).toBe(0);
      const adopted = await script().find().toArray();
      expect(adopted.every(({ revision, tenantId }) => revision === 1n && tenantId === "acme")).toBe(true);
      expect(adopted).toHaveLength(45);
      const last = await db()
        .collection("adoptions")
        .findOne({ _id: "sources" as never });
      expect(last).toMatchObject({
        done: true,
        counts: { scanned: 45, adopted: fault === "adopt-saved" ? 45 : 35, refused: 0 },
      });
    },
  );

async function dualWrite(): Promise<void> {
  await rig.goTo("dual-write");
  await rig.backfill();
}

for (const fault of ["capture-seen", "capture-stamped", "capture-saved"] as const)
  test(`a service killed at ${fault} leaves nothing out: the next one goes on`, unhurried, async () => {
    await dualWrite();
    const ids = [nextId(), nextId(), nextId()];
    await killedBy("capture", fault, () =>
      script().insertMany(ids.map((id) => ({ ...aSource(id), tenantId: "acme" }))),
    );
    await script().deleteOne({ id: ids[1] });
    const module = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record" });
    expect(await awaitCapture(db(), { patienceMs: 60_000 })).toBe(true);
    expect((await module.tenant("acme").sources.list()).items).toHaveLength(2);
    await module.close();
    await rig.drain();
    const comparison = await rig.compare();
    expect(findingsOf(comparison)).toBe(0);
    expect(comparison.aggregates[0]?.rows).toEqual({ mongo: 2, postgres: 2 });
    expect((await captureState(db()))?.loss).toBeNull();
  });

test("the primary moves once all was captured; a write of another program behind the fence takes the move back", async () => {
  await dualWrite();
  await rig.goTo("shadow");
  const module = await openVuln({ postgres: rig.service, mongo: rig.mongo, stage: "record" });
  const early = nextId();
  await script().insertOne({ ...aSource(early), tenantId: "acme" });
  const drained = drainedWithCapture(drainedOf(rig.copies), db());
  const move = { sides: rig.sides, target: "live", by: "test", reason: "move", drained } as const;
  const late = nextId();
  const faults = {
    async at(point: FaultPoint) {
      if (point === "after-fence") await script().insertOne({ ...aSource(late), tenantId: "acme" });
    },
  };
  await expect(changeStage({ ...move, faults })).rejects.toMatchObject({
    code: "STAGE_REVERTED",
    message: expect.stringContaining("another program wrote sources"),
  });
  // Taken back, it is captured; and with the other program stopped the move goes through.
  expect(await awaitCapture(db(), { patienceMs: 60_000 })).toBe(true);
  expect(await changeStage(move)).toMatchObject({ stage: "live", primary: "postgres" });
  expect((await module.tenant("acme").sources.list()).items.map(({ id }) => id)).toEqual([early, late]);
  await module.close();
  await rig.drain();
  expect(findingsOf(await rig.compare())).toBe(0);
});
