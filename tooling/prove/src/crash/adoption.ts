import { adopt, type Faults } from "@stellaops/cutover";
import { seededIds, systemClock } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import { aSource } from "@stellaops/testkit/source";
import { vuln } from "@stellaops/vuln";
import { acme } from "../rig.ts";
import type { Lane } from "./lane.ts";

const count = 30;

/** Documents as a program without this library writes them: no tenant, no revision. */
export async function plantForeign({ rig }: Lane, name: string): Promise<void> {
  const ids = seededIds(systemClock, name.length);
  await rig.mongo.db
    .collection("sources")
    .insertMany(
      Array.from({ length: count }, (_, i) => aSource(ids.next(), { key: `${name}-${i}`, name: `a feed ${i}` })),
    );
}

export const adoptAll = async (mongo: Mongo, faults?: Faults): Promise<void> =>
  void (await adopt({
    module: vuln,
    mongo,
    tenant: acme,
    mapping: {},
    only: ["sources"],
    batch: 10,
    ...(faults === undefined ? {} : { faults }),
  }));

/** Each of them is there once, as one of the tenant's own. */
export async function missingAdopted(lane: Lane, name: string): Promise<readonly string[]> {
  const { sources } = lane.service().tenant(acme);
  const missing: string[] = [];
  for (let i = 0; i < count; i += 1)
    if ((await sources.findByKey(`${name}-${i}`))?.revision !== 1n) missing.push(`${name}-${i} was not adopted once`);
  return missing;
}
