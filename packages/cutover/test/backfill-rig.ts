import { GLOBAL, tenantId } from "@stellaops/kernel";
import type { Database } from "../src/index.ts";
import { advisoriesOf, type ReplicationRig, type WriteOptions } from "./replication-rig.ts";

export const everywhere = [tenantId("acme"), tenantId("umbrella"), GLOBAL] as const;

/** So many advisories of each of three tenants, as a single database holds them before anything is replicated. */
export async function fillEverywhere(
  rig: ReplicationRig,
  database: Database,
  each: number,
  options: WriteOptions = {},
): Promise<void> {
  for (const [i, tenant] of everywhere.entries()) {
    const batch = advisoriesOf(each, 40 + i);
    await rig.write(database, (on) => on.advisories.ingestBatch(batch), { pending: false, ...options, tenant });
  }
}
