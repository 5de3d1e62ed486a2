import type { ClaimRef, ClaimRequest, Guarded, WritePlan } from "@stellaops/kernel";
import { MongoClaims, MongoJobs, MongoRepository, table, type Unit } from "@stellaops/mongo";
import { bundleQueue, bundles, papers, parcelQueue, parcels } from "./aggregates.ts";

import type { Bundles, Papers } from "./repositories.ts";

const ofPapers = table(papers);
const ofParcels = table(parcels);
const ofBundles = table(bundles);

class PressPapers extends MongoRepository<typeof papers> implements Papers {
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
class PressParcels extends MongoJobs<typeof parcels> {
  constructor(unit: Unit) {
    super(unit, ofParcels, parcelQueue);
  }
}
class PressBundles extends MongoClaims<typeof bundles> implements Bundles {
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
