import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { riskProfiles } from "../aggregates.ts";

export interface ProfileActivation {
  readonly profileId: string;
  readonly version: string;
  readonly at: Date;
}

/** How findings are weighed. A key of the table holds that at most one version of a profile is in force, also against `put`. */
export interface RiskProfiles extends Repository<typeof riskProfiles> {
  /**
   * Puts a version into force and takes the one before out, in one unit, so that no instant sees none of them or both. Of several at once one
   * stays; who lost the race is run again. One that is in force already is left as it is. Null when the tenant has no such version, and then
   * nothing is changed. @throws `VALUE_…` (data)
   */
  activate(activation: ProfileActivation): Promise<Stored<typeof riskProfiles> | null>;
  /** The version in force: the tenant's own, else the shared one, else null. */
  findActive(profileId: string): Promise<Stored<typeof riskProfiles> | null>;
  /** All versions of a profile, newest first, then id descending. */
  history(profileId: string, request?: PageRequest): Promise<Page<Stored<typeof riskProfiles>>>;
}
