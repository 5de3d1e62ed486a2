import type { StageView } from "../view.ts";
import type { SecondaryOutcome } from "../module/run-options.ts";
import type { VerbCall } from "../module/runner.ts";

/** A verb, or a unit of work by the name `transaction`. */
export type Call = VerbCall;

/** Sees what a live module does; it changes nothing, and throws nothing of its own. */
export interface Observer {
  /** Runs a call, all its attempts together; `begun` is told the view of each. */
  unit<T>(call: Call, work: (begun: (view: StageView) => void) => Promise<T>): Promise<T>;
  /** The whole is run again, because of this error. */
  retried(call: Call, error: unknown): void;
  /** A caller has waited for the secondary. */
  awaited(outcome: SecondaryOutcome): void;
}

export const noObserver: Observer = {
  unit: (_call, work) => work(() => {}),
  retried() {},
  awaited() {},
};
