import type { Json } from "@stellaops/kernel";
import type { Stage } from "../stages.ts";

/**
 * - `migrations`: both databases are as the module declares them;
 * - `backfill`: everything of this generation was copied, and what older ones left was swept;
 * - `capture`: what other programs wrote to MongoDB, while it is the primary, was captured;
 * - `backlog`: nothing waits for the secondary, and nothing was set aside because it refused it;
 * - `shadow`: enough reads were compared since this stay began, and none differed without an explanation;
 * - `comparison`: both databases were read whole, and hold the same;
 * - `confirmation`: somebody said yes to the end of replication.
 */
export type CheckName = "migrations" | "backfill" | "capture" | "backlog" | "shadow" | "comparison" | "confirmation";

/** What one check saw. Plain JSON: it is kept in the stage record. */
export interface Check {
  readonly name: CheckName;
  readonly passed: boolean;
  /** One sentence with the numbers. */
  readonly saw: string;
  /** What to do about it; null where it passed. */
  readonly fix: string | null;
  readonly numbers: Readonly<Record<string, Json>>;
}

export interface Evidence {
  readonly from: Stage;
  readonly to: Stage;
  readonly passed: boolean;
  /** In the order they were made; those after one that failed were not made. Empty: the step is free. */
  readonly checks: readonly Check[];
}
