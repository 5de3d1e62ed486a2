import type { Json, Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { Run, runs } from "../aggregates.ts";
import type { RunState } from "../domain/run-states.ts";

export interface RunStart extends Pick<Run, "id" | "scheduleId" | "fireAt" | "triggerKind" | "reason" | "retryOf"> {
  readonly at: Date;
}

export interface Started {
  readonly run: Stored<typeof runs>;
  /** False: it was there already, and is as it was. */
  readonly created: boolean;
}

export interface Transition {
  readonly id: string;
  /** The state it was read in. */
  readonly from: RunState;
  readonly to: RunState;
  readonly at: Date;
  /** Left out: as they are. */
  readonly stats?: Json;
  readonly error?: string | null;
}

/** Evaluations. Each begins in `planning` and moves by `transition` alone. */
export interface Runs extends Reader<typeof runs> {
  /**
   * Starts a run in `planning`. One run of a schedule and a fire time: whoever comes second, also at once, is given the one that is there.
   * Runs without a schedule or a fire time are told apart by their ids alone.
   * @throws `VALUE_…` (data), also when the run is there already; `REVISION_CONFLICT` (conflict) when the id is another run's
   */
  start(start: RunStart): Promise<Started>;
  /**
   * Compare and set: moves the tenant's own run from the state it was read in; of concurrent callers one wins. `running` sets when it started, an
   * end sets when it finished. Null when it is in another state by now, or is not there.
   * @throws `RUN_TRANSITION` (conflict) when a run never makes such a move, `VALUE_…` (data)
   */
  transition(transition: Transition): Promise<Stored<typeof runs> | null>;
  /** Newest first, then id descending. */
  listByState(state: RunState, request?: PageRequest): Promise<Page<Stored<typeof runs>>>;
  /** Newest first, then id descending. */
  listBySchedule(scheduleId: string, request?: PageRequest): Promise<Page<Stored<typeof runs>>>;
  /** Runs that deltas of that kind caused and that found something (`stats.findingCount` of 1 or more), newest first, then id descending. */
  listDeltas(kind: "advisory_delta" | "vex_delta", request?: PageRequest): Promise<Page<Stored<typeof runs>>>;
}
