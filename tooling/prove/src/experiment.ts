import type { Servers } from "@stellaops/servers";

export interface Setting {
  readonly servers: Servers;
  /** The same seed gives the same commands, values and order of faults; what the machine interleaves differs. */
  readonly seed: number;
  /** How long the small form may go on, in seconds; a form that counts instead ends by itself. Infinity with `full`. */
  readonly seconds: number;
  /** As much as the table in docs/VERIFICATION.md says. */
  readonly full: boolean;
  /** Null: the engine as it is. Otherwise one of `sabotages`: the engine is broken so, and the experiment has to tell. */
  readonly sabotage: string | null;
  /** For people, on stderr. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Outcome {
  /** What was done and counted, in the order to be shown; figures a reader can hold against the claim. */
  readonly counts: Readonly<Record<string, number | string>>;
  /** One sentence for each way in which a guarantee did not hold, with the key or the number. Empty: it held. */
  readonly broken: readonly string[];
}

export interface Experiment {
  /** What must hold, in one sentence. */
  readonly claim: string;
  /** What the full size is, in one phrase. */
  readonly full: string;
  /** How long the small form takes at most, in seconds. */
  readonly seconds: number;
  /** Each way to break the engine on purpose, and what it takes away. Every one must make `run` give something broken. */
  readonly sabotages: Readonly<Record<string, string>>;
  run(setting: Setting): Promise<Outcome>;
}
