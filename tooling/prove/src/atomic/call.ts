/** One call of one process, as its journal has it. Moments are microseconds of the machine's own clock, which all its processes share. */
export interface Call {
  readonly scene: string;
  readonly verb: string;
  /** What the call was about: all calls of one key are judged together. */
  readonly key: string;
  /** Who called, in which process. */
  readonly by: string;
  readonly args: Plain;
  readonly begun: number;
  /** Null: the process died before it was told, or was told that nobody knows. */
  readonly end: End | null;
}

export type End = { readonly at: number } & ({ readonly answer: Plain } | Refusal);

/** The engine's own code of the error; in vain: a database was too busy or away, and nothing was stored. */
export interface Refusal {
  readonly refused: string;
  readonly inVain: boolean;
  readonly message: string;
}

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [name: string]: Plain };

export const moment = (): number => Number(process.hrtime.bigint() / 1_000n);
