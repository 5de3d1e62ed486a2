import { normaliseKey, raced, racedByKey, type PageRequest } from "@stellaops/kernel";
import { PostgresRepository, table, type Unit } from "@stellaops/postgres";
import { riskProfiles } from "../aggregates.ts";
import { cleanProfile, intoForce, outOfForce } from "../domain/risk-profiles.ts";
import type { ProfileActivation, RiskProfiles } from "../repositories/risk-profiles.ts";
import type { DB } from "./generated/database.ts";

const { byKey, list, ...verbs } = table<DB, "risk_profiles", typeof riskProfiles>(riskProfiles);

const inForce = byKey<{ profileId: string; isActive: boolean }>("profileId", "isActive");

const ofProfile = list<{ profileId: string }>()("history", {
  order: ["createdAt"],
  direction: "desc",
  where: (query, { profileId }) => query.where("risk_profiles.profile_id", "=", profileId),
});

export class PostgresRiskProfiles extends PostgresRepository<typeof riskProfiles> implements RiskProfiles {
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
    return this.first(inForce, { ...normaliseKey(riskProfiles, { profileId }), isActive: true });
  }

  async history(id: string, request: PageRequest = {}) {
    return this.page(ofProfile, normaliseKey(riskProfiles, { profileId: id }), request);
  }
}
