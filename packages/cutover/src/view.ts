import { stages } from "./stages.ts";
import type { Database, Stage } from "./stages.ts";
import type { StageRecord } from "./record.ts";

/** The stage as one unit of work sees it, from its beginning to its end. */
export interface StageView {
  readonly stage: Stage;
  readonly primary: Database;
  /** Null where nothing is replicated. */
  readonly secondary: Database | null;
  readonly epoch: bigint;
  readonly generation: bigint;
  readonly generations: readonly bigint[];
  /** False under a fixed stage: there is no epoch to enter and no lease to hold. */
  readonly fenced: boolean;
}

export const viewOf = ({ stage, epoch, generation, generations }: StageRecord): StageView => {
  const { primary, secondary } = stages[stage];
  return { stage, primary, secondary, epoch, generation, generations, fenced: true };
};

export const fixedView = (stage: Stage): StageView => {
  const { primary, secondary } = stages[stage];
  return { stage, primary, secondary, epoch: 0n, generation: 0n, generations: [], fenced: false };
};
