import type { Scope } from "@stellaops/cutover";
import { codeOf, familyOf, type IdSource } from "@stellaops/kernel";
import type { Random } from "../random.ts";
import type { Plain } from "./call.ts";
import type { Journal } from "./journal.ts";

export type Told<A> = { readonly answer: A } | { readonly refused: string };

/** What a caller has beside the module. */
export interface Seat {
  readonly name: string;
  readonly scene: string;
  readonly journal: Journal;
  readonly random: Random;
  readonly ids: IdSource;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly holds: (what: string) => void;
}

/** One of many who call the same verbs on the same keys at once, and write down what they are told. */
export class Caller<R> {
  readonly name: string;
  readonly scope: Scope<R>;
  readonly random: Random;
  readonly ids: IdSource;
  readonly signal: AbortSignal;
  /** The same clock in all processes. */
  readonly now: () => Date;
  /** Says that it has something, or has it no more: the moment to kill or to suspend this process. */
  readonly holds: (what: string) => void;
  readonly #scene: string;
  readonly #journal: Journal;

  constructor({ name, scope, random, ids, signal, now, holds, scene, journal }: Seat & { readonly scope: Scope<R> }) {
    this.name = name;
    this.scope = scope;
    this.random = random;
    this.ids = ids;
    this.signal = signal;
    this.now = now;
    this.holds = holds;
    this.#scene = scene;
    this.#journal = journal;
  }

  get going(): boolean {
    return !this.signal.aborted;
  }

  /** `work` gives what of the answer is to be judged. */
  async call<A extends Plain>(verb: string, key: string, args: Plain, work: () => Promise<A>): Promise<Told<A>> {
    const end = this.#journal.begin({ scene: this.#scene, verb, key, by: this.name, args });
    try {
      const answer = await work();
      end({ answer });
      return { answer };
    } catch (error) {
      const refused = codeOf(error) ?? "UNCODED";
      const family = familyOf(error);
      // What may have happened stays open, as with a process that has died.
      const inVain = family === "transient" || family === "unavailable";
      if (family !== "unknown-outcome") end({ refused, inVain, message: String(error) });
      return { refused };
    }
  }
}
