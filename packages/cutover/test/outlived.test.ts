import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { codeOf, tenantId } from "@stellaops/kernel";
import { openMongo, transaction, type Mongo } from "@stellaops/mongo";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mongoFence } from "../src/index.ts";
import { rig, unit, type Rig } from "./rig.ts";

const tenant = tenantId("acme");
let at: Rig;
let mongo: Mongo;
beforeAll(async () => {
  at = await rig();
  mongo = openMongo({ url: at.urls.mongo, applicationName: "a service" });
});
afterAll(async () => {
  await mongo.close();
  await at[Symbol.asyncDispose]();
});

/** A unit of a client that the module knows as its own. */
const own = (epoch: bigint, capMs: number, inside: () => Promise<void>): Promise<void> =>
  transaction(mongo, { tenant, head: (session) => mongoFence.enterEpoch(mongo.db, session, epoch, capMs) }, inside);

test("what a killed process left is ended, long before MongoDB would: the epoch closes", async () => {
  const { fence } = at.sides.mongo;
  await fence.open(101n);
  const child = spawn(
    process.execPath,
    ["--conditions=@stellaops/source", fileURLToPath(new URL("unit-child.ts", import.meta.url))],
    { env: { ...process.env, MONGO: at.urls.mongo, EPOCH: "101" }, stdio: ["ignore", "pipe", "inherit"] },
  );
  const [line] = await once(child.stdout, "data");
  await once(child, "exit");
  expect([String(line), child.signalCode]).toEqual(["inside\n", "SIGKILL"]);
  // MongoDB by itself would end it after 60 s.
  await fence.close(101n, 30_000);
  await expect(own(101n, 500, () => Promise.resolve())).rejects.toMatchObject({ code: "FENCED" });
});

test("a key that a killed process holds is free again for writers, long before MongoDB would let it go", async () => {
  const { fence } = at.sides.mongo;
  await fence.open(106n);
  const key = { _id: "a key" };
  await at.db.collection<{ _id: string }>("keys").insertOne(key);
  const held = Promise.withResolvers<void>();
  const write = (inside: () => Promise<void>): Promise<void> =>
    transaction(
      mongo,
      { tenant, head: (session) => mongoFence.enterEpoch(mongo.db, session, 106n, 500) },
      async ({ db, session }) => {
        await db
          .collection<{ _id: string }>("keys")
          .updateOne(key, { $inc: { times: 1 } }, session === undefined ? {} : { session });
        await inside();
      },
    );
  const asleep = write(() => held.promise).catch(codeOf);
  await expect
    .poll(
      async () => {
        await fence.release(106n);
        return write(() => Promise.resolve()).then(() => "free", codeOf);
      },
      { interval: 200, timeout: 30_000 },
    )
    .toBe("free");
  held.resolve();
  expect(await asleep).toBe("TRANSACTION_GONE");
  expect(await at.db.collection("keys").findOne()).toMatchObject({ times: 1 });
});

test("a unit that was ended so has stored nothing, and is told that it may be run again", async () => {
  const { fence } = at.sides.mongo;
  await fence.open(102n);
  const ended = own(102n, 500, async () => void (await fence.close(102n, 30_000)));
  await expect(ended).rejects.toMatchObject({ code: "TRANSACTION_GONE", family: "transient" });
});

test("a unit within a longer cap that was announced, or of another program, is waited for", async () => {
  const { fence } = at.sides.mongo;
  const busy = (epoch: bigint): Promise<void> =>
    // Longer than what is granted beyond the ordinary cap.
    expect(fence.close(epoch, 2_500)).rejects.toMatchObject({ code: "STAGE_FENCE_BUSY" });
  await fence.open(103n);
  await own(103n, 20_000, () => busy(103n));
  await fence.close(103n, 30_000);
  await fence.open(104n);
  await unit(at, "mongo", 104n, () => busy(104n));
  await fence.close(104n, 30_000);
});

test("what was announced outlives the entries of units", async () => {
  const { fence } = at.sides.mongo;
  await fence.open(105n);
  await own(105n, 20_000, () => Promise.resolve());
  await fence.tidy(105n, 1n);
  const left = await at.db.collection("epoch_105").find().toArray();
  expect(left).toEqual([{ _id: "cap 20000", capMs: 20_000 }]);
});
