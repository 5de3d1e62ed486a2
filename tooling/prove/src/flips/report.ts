/** What the processes of the experiment tell each other. */
export interface Job {
  readonly app: string;
  readonly mongo: string;
  readonly database: string;
  readonly name: string;
  readonly seed: number;
  readonly workers: number;
  /** Its units do not wait for a change of the stage to end, so that there are always some to be fenced. */
  readonly hasty: boolean;
  readonly sabotage: string | null;
}

/** An answer that was given to another process: whoever asks from now on must be told at least this. */
export interface Told {
  readonly id: string;
  readonly revision: number;
}

/** What the last answer of each key says that is stored; null: deleted. */
export type Last = readonly (readonly [
  id: string,
  stored: { readonly revision: number; readonly name: string } | null,
])[];

export interface Report {
  readonly calls: number;
  readonly acknowledged: number;
  /** Attempts that were fenced; each has to be run again, and its caller to notice nothing. */
  readonly fenced: number;
  readonly worstMs: number;
  readonly failures: readonly string[];
  /** Reads that gave less than was acknowledged before. */
  readonly stale: readonly string[];
  readonly last: Last;
}
