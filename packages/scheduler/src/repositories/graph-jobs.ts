import type { Jobs, Json, Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { GraphJob, graphJobs, GraphJobStatus } from "../aggregates.ts";

export interface GraphJobInsert extends Pick<GraphJob, "id" | "kind" | "payload" | "correlationId"> {
  /** Not claimed before; `at` when left out. */
  readonly availableAt?: Date;
  readonly at: Date;
}

export interface GraphJobReplacement {
  readonly id: string;
  /** The status it was read in. */
  readonly expected: GraphJobStatus;
  /** `running` is given by a claim alone, which comes with a lease. */
  readonly status: Exclude<GraphJobStatus, "running">;
  /** Left out: as it is. */
  readonly payload?: Json;
  /** What the event says. */
  readonly event: Json | null;
  readonly at: Date;
}

export type GraphJobEvent = GraphJob["events"][number];

/** Building graphs and overlays. Every change of a job's status appends an event. */
export interface GraphJobs extends Jobs<typeof graphJobs>, Reader<typeof graphJobs> {
  /** A new job, queued, with its first event. @throws `VALUE_…` (data), `REVISION_CONFLICT` (conflict) when the id is there already */
  insert(job: GraphJobInsert): Promise<Stored<typeof graphJobs>>;
  /**
   * Compare and set: moves the tenant's own job from the status it was read in, and appends the event. A claim of it is void from then on; queued, it
   * is due at `at`. Null when it is in another status by now, or is not there.
   * @throws `VALUE_…` (data), `JOB_STATUS` (data) for `running`
   */
  tryReplace(replacement: GraphJobReplacement): Promise<Stored<typeof graphJobs> | null>;
  /** Oldest first, then id. */
  listByStatus(status: GraphJobStatus, request?: PageRequest): Promise<Page<Stored<typeof graphJobs>>>;
  /** What became of a job, in the order in which it came; of one that is not there nothing. */
  events(id: string, request?: PageRequest): Promise<Page<GraphJobEvent>>;
}
