import { afterAll, beforeAll, describe } from "vitest";
import { replicaContract } from "./replica-contract.ts";
import { replicationRig, type ReplicationRig } from "./replication-rig.ts";

for (const from of ["mongo", "postgres"] as const)
  describe(`from ${from}`, () => {
    let rig: ReplicationRig;
    beforeAll(async () => {
      rig = await replicationRig();
    });
    afterAll(() => rig[Symbol.asyncDispose]());
    replicaContract(() => rig, from);
  });
