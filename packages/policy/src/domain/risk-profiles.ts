import { normaliseKey } from "@stellaops/kernel";
import { riskProfiles } from "../aggregates.ts";
import type { ProfileActivation } from "../repositories/risk-profiles.ts";

/** @throws `VALUE_…` (data) */
export function cleanProfile({ profileId, version, at }: ProfileActivation): ProfileActivation {
  const { updatedAt, ...key } = normaliseKey(riskProfiles, { profileId, version, updatedAt: at });
  return { ...key, at: updatedAt };
}

/** The version in force, another than the one that is to be. */
export const outOfForce = ({ profileId, version, at }: ProfileActivation) => ({
  where: { profileId, isActive: true },
  unless: { version },
  set: { isActive: false, updatedAt: at },
});

export const intoForce = ({ profileId, version, at }: ProfileActivation) => ({
  where: { profileId, version, isActive: false },
  set: { isActive: true, updatedAt: at },
});
