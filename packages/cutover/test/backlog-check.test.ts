import { aSource } from "@stellaops/testkit/source";
import { afterAll, beforeAll, expect, test } from "vitest";
import { backlogCheck } from "../src/guard/backlog-check.ts";
import type { Replica } from "../src/index.ts";
import { nextId, replicationRig, type ReplicationRig } from "./replication-rig.ts";

let rig: ReplicationRig;
beforeAll(async () => {
  rig = await replicationRig();
  await rig.goTo("dual-write");
  await rig.backfill();
});
afterAll(() => rig[Symbol.asyncDispose]());

const options = { module: "vuln", patienceMs: 1_000 };

test("a key that is written all the time is waited for at the revision it had, and refuses no stage change", async () => {
  const id = nextId();
  let revision = 0n;
  const write = async () => {
    const name = `turn ${revision}`;
    revision = await rig.write("mongo", ({ sources }) => sources.put(aSource(id, { name }), revision));
  };
  await write();
  const replica = rig.copies.mongo;
  /** At every look the key is pending, and each time at another revision. */
  const hot: Replica = {
    ...replica,
    async pending(limit, home) {
      const found = await replica.pending(limit, home);
      await rig.drain();
      await write();
      return found;
    },
  };
  expect(await backlogCheck(hot, options)).toMatchObject({ passed: true, numbers: { left: 0 } });
});

test("a key that nobody brings over is named as left", async () => {
  await rig.write("mongo", ({ sources }) => sources.put(aSource(nextId()), 0n));
  expect(await backlogCheck(rig.copies.mongo, options)).toMatchObject({ passed: false });
});
