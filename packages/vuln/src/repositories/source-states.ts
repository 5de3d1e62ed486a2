import type { Json, Repository, Stored } from "@stellaops/kernel";
import type { sourceStates } from "../aggregates.ts";

export interface Advance {
  readonly sourceId: string;
  /** The revision at which the state was read. */
  readonly expected: bigint;
  readonly cursor: Json;
  readonly at: Date;
}

export interface Failure {
  readonly sourceId: string;
  readonly error: string;
  readonly backoffUntil: Date | null;
  readonly at: Date;
}

/** How far each feed has been read; one state a source. */
export interface SourceStates extends Repository<typeof sourceStates> {
  findBySource(sourceId: string): Promise<Stored<typeof sourceStates> | null>;
  /**
   * Compare and set: moves the cursor and clears the failures when the tenant's own state is still at the revision that was read;
   * of concurrent callers one wins. Gives the new state, or null when the state has moved on or is not there.
   */
  advanceCursor(advance: Advance): Promise<Stored<typeof sourceStates> | null>;
  /** Counts a failure, however many report one at once. Null when the tenant has no state for the source. */
  recordFailure(failure: Failure): Promise<Stored<typeof sourceStates> | null>;
}
