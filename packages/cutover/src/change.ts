import type { Logger } from "@stellaops/kernel";
import type { Faults } from "./faults.ts";
import type { StageRecord } from "./record.ts";
import type { FencePoint, Sides } from "./side.ts";
import type { Gone, Waiting } from "./stage/gone.ts";

/**
 * One look at the old primary, whose copy is `moving`: is nothing pending and nothing parked there? Reads at or after `after`,
 * at majority. Asked every 20 ms until it is so; what it throws reverts the change.
 */
export type Drained = (from: StageRecord, after: FencePoint) => Promise<boolean>;

/** What everybody needs who makes, finishes or reverts a change of the stage. */
export interface Change {
  readonly sides: Sides;
  /** Who makes the change; for the record. */
  readonly by: string;
  readonly drained: Drained;
  /** How long a drain may take before the change is reverted; 10,000. */
  readonly drainMs?: number;
  /** How long units in flight may hold the door; 10,000. */
  readonly fenceMs?: number;
  /** How long leases are waited for, which run out by themselves; 60,000. */
  readonly leasesMs?: number;
  /** How far an instance's clock and the database's may run apart during one lease; 100. */
  readonly leaseMarginMs?: number;
  /** Leases of these instances are not waited for. Should one of them live, its answers may be stale until its lease has run out. */
  readonly gone?: Gone;
  /** Called at every look, some hundred times a second, while a move of the primary waits for leases. */
  readonly onWait?: (waiting: Waiting) => void;
  readonly faults?: Faults;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}
