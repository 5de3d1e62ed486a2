import type { ClaimRef, ClaimRequest, Claims, Guarded, Jobs, Repository, Stored, WritePlan } from "@stellaops/kernel";
import type { bundles, papers, parcels } from "./aggregates.ts";

export interface Papers extends Repository<typeof papers> {
  alter(guarded: Guarded<typeof papers>): Promise<Stored<typeof papers> | null>;
  /** All of them, or a transient error. */
  writePlan(plan: WritePlan<typeof papers>): Promise<void>;
}
export interface Bundles extends Claims<typeof bundles>, Repository<typeof bundles> {
  claimDue(request: ClaimRequest): Promise<readonly Stored<typeof bundles>[]>;
  close(ref: ClaimRef, at: Date): Promise<Stored<typeof bundles>>;
}
export interface PressRepositories {
  readonly papers: Papers;
  readonly parcels: Jobs<typeof parcels> & Repository<typeof parcels>;
  readonly bundles: Bundles;
}
