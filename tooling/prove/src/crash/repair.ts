import { setTimeout as wait } from "node:timers/promises";
import { compareModule, repairModule, type Faults, type Replicas, type StageView } from "@stellaops/cutover";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import { aSource } from "@stellaops/testkit/source";
import { vuln } from "@stellaops/vuln";
import { keysOf } from "../hot-keys/keys.ts";
import { acme } from "../rig.ts";
import type { Lane } from "./lane.ts";

const count = 12;

/** Keys that the secondary has never heard of, and no mark that would tell: as if it had been restored from an old backup. */
export async function forgetSome({ rig, primary, service }: Lane, name: string): Promise<void> {
  const forgotten = keysOf(count, name.length).map(({ id, key }) => ({ id, key: `${name} ${key}` }));
  const { sources } = service().tenant(acme);
  for (const { id, key } of forgotten) await sources.put(aSource(id, { key, name: "forgotten" }), 0n);
  // Applied, so that no mark is left.
  while ((await rig.replicas[primary].backlog()).pending > 0) await wait(10);
  const of = forgotten.map(({ id }) => id);
  if (primary === "mongo") {
    await rig.sql("delete from vuln.sources where id = any($1::uuid[])", [of]);
    await rig.sql("delete from cutover.register where id = any($1::uuid[])", [of]);
  } else
    for (const collection of ["sources", "register"])
      await rig.mongo.db.collection(collection).deleteMany({ id: { $in: of } });
}

interface Both {
  readonly postgres: Postgres;
  readonly mongo: Mongo;
  readonly replicas: Replicas;
}

/** A comparison, and what it finds repaired. */
export async function repairAll({ postgres, mongo, replicas }: Both, view: StageView, faults?: Faults): Promise<void> {
  const places = { module: vuln, postgres: postgres.pool, mongo: mongo.db, view };
  const comparison = await compareModule(places);
  await repairModule({ ...places, replicas, comparison, ...(faults === undefined ? {} : { faults }) });
}
