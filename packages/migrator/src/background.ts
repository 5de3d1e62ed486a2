import { codeOf } from "@stellaops/kernel";
import { setTimeout as wait } from "node:timers/promises";
import { apply } from "./apply.ts";
import type { Settings } from "./options.ts";
import type { AppliedFile } from "./run/files.ts";

export type DataOutcome =
  | { readonly state: "done"; readonly applied: readonly AppliedFile[] }
  /** By `stop()` or the host's signal; the next start goes on. */
  | { readonly state: "stopped" }
  | { readonly state: "failed"; readonly error: unknown };

/** Data migrations of a running service. */
export interface Background {
  /** Never rejects: a service goes on serving whatever becomes of its data migrations. */
  readonly done: Promise<DataOutcome>;
  /** Ends after the batch at hand is cancelled. May be called again. */
  stop(): Promise<DataOutcome>;
}

/** One process does the work; the others look again from time to time and take over if it dies. */
const lookAgainMs = 5_000;

export function startBackground(settings: Settings, pending: readonly string[], acceptNewer: boolean): Background {
  if (pending.length === 0) {
    const done = Promise.resolve({ state: "done" as const, applied: [] });
    return { done, stop: () => done };
  }
  const stopper = new AbortController();
  const signal = settings.signal === undefined ? stopper.signal : AbortSignal.any([settings.signal, stopper.signal]);
  const done = work({ ...settings, signal, lockWaitMs: 0 }, signal, acceptNewer).catch(
    (error: unknown): DataOutcome => {
      if (signal.aborted) return { state: "stopped" };
      settings.log.error({ error, pending }, "data migrations failed; the service goes on, the next start tries again");
      return { state: "failed", error };
    },
  );
  return {
    done,
    stop: () => {
      stopper.abort();
      return done;
    },
  };
}

async function work(settings: Settings, signal: AbortSignal, acceptNewer: boolean): Promise<DataOutcome> {
  for (;;) {
    try {
      const { applied } = await apply(settings, { categories: ["data"] }, { acceptNewer });
      return { state: "done", applied };
    } catch (error) {
      if (codeOf(error) !== "MIGRATION_LOCK_TIMEOUT" || signal.aborted) throw error;
    }
    await wait(lookAgainMs, undefined, { signal });
  }
}
