import type { Scope } from "@stellaops/cutover";
import type { Call } from "./call.ts";
import type { Caller } from "./caller.ts";

export interface Verdict {
  readonly broken: readonly string[];
  /** What was tried, so that a reader sees that something was. */
  readonly counts: Readonly<Record<string, number>>;
}

export type Holding = "lock" | "job" | "trigger";

/** One guarantee: what callers do to break it, and how their answers are judged. */
export interface Scene<R> {
  readonly claim: string;
  /** In each process. */
  readonly callers: number;
  /** What its callers say that they have; null: nothing for long. */
  readonly holds: Holding | null;
  /** Refusals that are answers; every other fails the experiment. */
  readonly refusals: readonly string[];
  /** What is there before the first call. */
  prepare(scope: Scope<R>, now: Date): Promise<void>;
  /** One caller's calls, until it is told to stop. */
  work(caller: Caller<R>): Promise<void>;
  /** When all is quiet, against what is stored. */
  judge(calls: readonly Call[], scope: Scope<R>): Promise<Verdict>;
}
