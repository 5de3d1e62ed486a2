import type { StageView } from "./view.ts";
import { fixedView } from "./view.ts";
import type { Stage } from "./stages.ts";

export interface WaitOptions {
  /** How long a change of the stage is waited for; 10,000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** What a read was asked under. `term` changes whenever a lease ends, so that an answer counts only under one unbroken lease. */
export interface ReadTicket {
  readonly view: StageView;
  readonly term: number;
}

/** Where a process learns the stage of a module: from a fixed word, or live from the stage record. */
export interface StageSource {
  /** What was last learned; it may be over. @throws `STAGE_UNKNOWN` (unavailable) before anything was learned. */
  current(): StageView;
  /** For a unit of work, which enters the epoch of the view. Waits while a change is under way. @throws `STAGE_MOVING` (transient) */
  begin(options?: WaitOptions): Promise<StageView>;
  /** For a read outside a unit of work: waits for a read lease too. @throws `STAGE_MOVING` (transient) */
  beginRead(options?: WaitOptions): Promise<ReadTicket>;
  /** To be called when the answer is there. @throws `LEASE_LOST` (transient) when it does not count: ask again with a new ticket. */
  assertReadable(ticket: ReadTicket): void;
  /** A unit was fenced: what was last learned is over. The next `begin` waits for a new look. */
  refresh(): void;
  /** For appliers and replicators, which go on while the stage is moving; null while there is nothing to replicate. */
  workView(): StageView | null;
  /** A change is under way: what is pending is waited for. */
  moving(): boolean;
  /** Calls back on every stage learned. Returns what ends it. */
  subscribe(listener: (view: StageView) => void): () => void;
  /** Gives the lease back and stops. */
  close(): Promise<void>;
}

/** The stage as a fixed word: no record, no fence, no lease. Only for modules that have no stage record. */
export function fixedStage(stage: Stage): StageSource {
  const view = fixedView(stage);
  const ticket: ReadTicket = { view, term: 0 };
  return {
    current: () => view,
    begin: () => Promise.resolve(view),
    beginRead: () => Promise.resolve(ticket),
    assertReadable() {},
    refresh() {},
    workView: () => (view.secondary === null ? null : view),
    moving: () => false,
    subscribe: () => () => {},
    close: () => Promise.resolve(),
  };
}
