import type { ClaimRef, ClaimRequest, Guarded, WritePlan } from "@stellaops/kernel";
import { PostgresClaims, PostgresJobs, PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { bundleQueue, bundles, papers, parcelQueue, parcels } from "./aggregates.ts";
import type { DB } from "./database.ts";
import type { Bundles, Papers } from "./repositories.ts";

const ofPapers = table<DB, "papers", typeof papers>(papers);
const ofParcels = table<DB, "parcels", typeof parcels>(parcels);
const ofBundles = table<DB, "bundles", typeof bundles>(bundles);

class PressPapers extends PostgresRepository<typeof papers> implements Papers {
  constructor(unit: Unit) {
    super(unit, ofPapers);
  }
  alter(guarded: Guarded<typeof papers>) {
    return this.changeOne(guarded);
  }
  async writePlan(plan: WritePlan<typeof papers>) {
    await this.atomically((repository) => repository.writeAll(plan));
  }
}
class PressParcels extends PostgresJobs<typeof parcels> {
  constructor(unit: Unit) {
    super(unit, ofParcels, parcelQueue);
  }
}
class PressBundles extends PostgresClaims<typeof bundles> implements Bundles {
  constructor(unit: Unit) {
    super(unit, ofBundles, bundleQueue);
  }
  claimDue(request: ClaimRequest) {
    return this.take(request);
  }
  close(ref: ClaimRef, at: Date) {
    return this.settle(ref, at, { set: { state: "closed", dueAt: null } });
  }
}

export const repositories = { papers: PressPapers, parcels: PressParcels, bundles: PressBundles };
