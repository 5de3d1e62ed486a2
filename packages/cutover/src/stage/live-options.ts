import type { Logger } from "@stellaops/kernel";
import type { Faults } from "../faults.ts";
import type { Sides } from "../side.ts";

export interface LiveStageOptions {
  readonly module: string;
  readonly sides: Sides;
  /** Names this process among all that serve the module; a new one at each start. */
  readonly instance: string;
  /** Of the service, for whoever looks at the instances; this package's when left out. */
  readonly version?: string;
  /**
   * Hear of a change at once: LISTEN on one PostgreSQL connection of its own, and a change stream; true. False: polling only, as
   * behind a pooler in transaction mode, where it is also found out.
   */
  readonly listen?: boolean;
  /** How often the record is read while nothing changes; 150. A change under way is watched five times as closely. */
  readonly pollMs?: number;
  /** 3,000: a move of the primary waits at most so long for an instance that has gone silent. */
  readonly leaseMs?: number;
  /** Finishes a change that stands still; see `recover`. Without it this process leaves that to others. */
  readonly recover?: (signal: AbortSignal) => Promise<unknown>;
  /** How long a change may stand still before this process finishes it; 2,000. */
  readonly recoverAfterMs?: number;
  readonly faults?: Faults;
  readonly logger?: Logger;
}
