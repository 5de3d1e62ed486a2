import { normaliseKey, raced, racedByKey, type PageRequest } from "@stellaops/kernel";
import { MongoRepository, table, type Unit } from "@stellaops/mongo";
import { riskProfiles } from "../aggregates.ts";
import { cleanProfile, intoForce, outOfForce } from "../domain/risk-profiles.ts";
import type { ProfileActivation, RiskProfiles } from "../repositories/risk-profiles.ts";

const verbs = table(riskProfiles);

const ofProfile = verbs.list("history", { order: ["createdAt"], direction: "desc" });

export class MongoRiskProfiles extends MongoRepository<typeof riskProfiles> implements RiskProfiles {
  constructor(unit: Unit) {
    super(unit, verbs);
  }

  /** The partial key lets one version be in force: of two who activate at once, the second is run again on what the first left. */
  async activate(activation: ProfileActivation) {
    const clean = cleanProfile(activation);
    const { profileId, version } = clean;
    return this.atomically(async (repository) => {
      const found = await repository.ownBy({ profileId, version });
      if (found === null || found.isActive) return found;
      await repository.changeOne(outOfForce(clean));
      const active = await repository.changeOne(intoForce(clean)).catch(racedByKey(riskProfiles));
      if (active === null) throw raced(riskProfiles);
      return active;
    });
  }

  async findActive(profileId: string) {
    return this.first({ ...normaliseKey(riskProfiles, { profileId }), isActive: true });
  }

  async history(id: string, request: PageRequest = {}) {
    const { profileId } = normaliseKey(riskProfiles, { profileId: id });
    return this.page(ofProfile, { profileId }, { profileId }, request);
  }
}
