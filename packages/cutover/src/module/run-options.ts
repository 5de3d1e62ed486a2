/** What became of a unit at the secondary by the time its caller went on: `none` where nothing was to be replicated. */
export type SecondaryOutcome = "applied" | "late" | "refused" | "none";

/** Whom a caller waits for. */
export interface AwaitOptions {
  /** `secondary`: after the commit, until the other database has the unit too, for a bounded time. `primary` when left out. */
  readonly await?: "primary" | "secondary";
  /** How long the secondary is waited for; milliseconds, 1,000. Then the caller goes on, and the unit is applied all the same. */
  readonly awaitMs?: number;
}

export interface RunOptions extends AwaitOptions {
  /** How long transient errors are met by running the whole again; milliseconds, 10,000. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /**
   * Told once, before the answer is given, where `await` is `secondary`: whether the other database has the unit. The unit is stored
   * whatever it says: `late` is still on its way, `refused` was set aside with its reason. What it throws is dropped.
   */
  readonly onSecondary?: (outcome: SecondaryOutcome) => void;
}
