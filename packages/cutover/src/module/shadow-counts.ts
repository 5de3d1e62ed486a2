import type { Database } from "../stages.ts";

/** What reads at both databases have shown. */
export interface ShadowCounts {
  /** Asked of the secondary too, and decided: the sum of the others. */
  readonly sampled: number;
  readonly agreed: number;
  /** Unequal, and explained: the secondary was at an older revision, or something was still on its way to it. */
  readonly lagged: number;
  /** Unequal, and nothing explains it. */
  readonly differed: number;
  /** The secondary gave no answer. */
  readonly failed: number;
}

export const noReads: ShadowCounts = { sampled: 0, agreed: 0, lagged: 0, differed: 0, failed: 0 };
export const outcomes = ["agreed", "lagged", "differed", "failed"] as const;
export type ShadowOutcome = (typeof outcomes)[number];

/** Counts of all instances at one database, per epoch; those of long ago are let go. */
export interface ShadowTable {
  /** The totals of one instance in one epoch. May be repeated, and may come late. */
  tell(epoch: bigint, instance: string, counts: ShadowCounts): Promise<void>;
  /** Of all instances, in the stay that began with this epoch. */
  totals(epoch: bigint): Promise<ShadowCounts>;
}

export type ShadowTables = { readonly [D in Database]: ShadowTable };
