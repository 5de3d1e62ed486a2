import type { Scope } from "@stellaops/cutover";
import type { Call } from "./call.ts";
import type { Caller } from "./caller.ts";
import type { Place } from "./job.ts";

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
  /** Of its counts: what was tried less often has not been shown. */
  readonly least: Readonly<Record<string, number>>;
  /** Not a guarantee: by itself, after the others, for a tenant of its own. */
  readonly measured?: true;
  /** What is there before the first call. */
  prepare(scope: Scope<R>, now: Date): Promise<void>;
  /** One caller's calls, until it is told to stop. */
  work(caller: Caller<R>): Promise<void>;
  /** When all is quiet, against what is stored. */
  judge(calls: readonly Call[], scope: Scope<R>): Promise<Verdict>;
}

/** What is tried of a sabotage, and where. */
export interface Trial {
  readonly breaks: string;
  readonly place: Place;
  /** What holds for all of them need not be tried again. */
  readonly scenes: readonly string[];
}

export interface Sabotage<R> extends Trial {
  /** The repositories as the callers see them. Without it something else is broken. */
  readonly change?: (repositories: R) => Partial<R>;
}

export type Sabotages<R> = Readonly<Record<string, Sabotage<R>>>;
