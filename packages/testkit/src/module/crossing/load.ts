import { isDeepStrictEqual } from "node:util";
import type { ModuleWiring, Scope } from "@stellaops/cutover/open";
import type { IdSource } from "@stellaops/kernel";

/** What a worker of a module has in hand. */
export interface LoadContext<R> {
  readonly on: Scope<R>;
  readonly seed: number;
  readonly ids: IdSource;
  /** A text that no other call of any worker gives. */
  key(): string;
  now(): Date;
  /** A write was acknowledged: `<repository>/<id>` is stored at this revision from now on, or is gone. */
  tell(key: string, revision: bigint | null): void;
  /** This worker was given what only one may ever be given: an attempt at a job, a token of a lock. */
  once(thing: string): void;
}

export interface LoadWorker {
  /** Ends when all that it called was answered. @throws when an answer is wrong */
  round(turn: number): Promise<void>;
  /** After the last round. @throws what does not hold then */
  finish?(): Promise<void>;
}

/** What a module does while its primary moves. */
export interface ModuleLoad<R> {
  readonly wiring: ModuleWiring<R>;
  /** The only writer of its tenant: so it knows what each read must give. */
  worker(context: LoadContext<R>): LoadWorker;
  /** One of several, in several processes, that work on the same things of one tenant: what it is given is told by `once`. */
  rival?(context: LoadContext<R>): LoadWorker;
}

/** @throws when they differ */
export function must(what: string, answer: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(answer, expected))
    throw new Error(`${what}: ${String(answer)} instead of ${String(expected)}`);
}

export const revisionOf = (stored: { readonly revision: bigint } | null): bigint | null => stored?.revision ?? null;
