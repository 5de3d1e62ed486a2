import { setTimeout as wait } from "node:timers/promises";
import { familyOf, type Logger } from "@stellaops/kernel";
import { situationOf } from "../situation.ts";
import type { Sides } from "../side.ts";
import { otherDatabase, type Database } from "../stages.ts";
import type { Backend } from "./backend.ts";
import type { Backends } from "./seams.ts";

/** Each throws what is wrong with its database; family `unavailable` or `transient` when it does not answer. */
export type Checks = { readonly [D in Database]: () => Promise<void> };

/**
 * Checks both databases before anything is served. One that does not answer is left for later where the other is the settled primary: a
 * service starts with its secondary dead. Gives the one that was left.
 */
export async function checkBoth(checks: Checks, sides: Sides, logger: Logger): Promise<Database | null> {
  const databases = ["postgres", "mongo"] as const;
  const results = await Promise.allSettled(databases.map((database) => checks[database]()));
  const failures = databases.flatMap((database, i) => {
    const result = results[i];
    return result?.status === "rejected" ? [{ database, error: result.reason as unknown }] : [];
  });
  const [first, second] = failures;
  if (first === undefined) return null;
  const { database, error } = failures.find((failure) => !isAway(failure.error)) ?? first;
  if (second !== undefined || !isAway(error)) throw error;
  const { kind, at } = await situationOf(sides);
  if (kind !== "settled" || at.database !== otherDatabase(database)) throw error;
  logger.warn(
    { err: error, database },
    `${database} does not answer; the module starts on its primary, ${at.database}`,
  );
  return database;
}

/** It says nothing of the database but that it does not answer. */
const isAway = (error: unknown): boolean => {
  const family = familyOf(error);
  return family === "unavailable" || family === "transient";
};

export interface Later {
  readonly backends: Backends;
  close(): Promise<void>;
}

/** The database that was left is checked as soon as it answers, and serves nothing before it passes. */
export function checkedLater(backends: Backends, left: Database | null, checks: Checks): Later {
  if (left === null) return { backends, close: () => Promise.resolve() };
  let passing: Promise<void> | null = null;
  const pass = (): Promise<void> =>
    (passing ??= checks[left]().catch((error: unknown) => {
      passing = null;
      throw error;
    }));
  const stop = new AbortController();
  const passed = (): Promise<boolean> =>
    pass().then(
      () => true,
      () => false,
    );
  const trying = (async () => {
    while (!stop.signal.aborted && !(await passed()))
      await wait(1_000, undefined, { signal: stop.signal }).catch(() => undefined);
  })();
  const { single, transaction } = backends[left];
  const backend: Backend = {
    single: (access, work) => pass().then(() => single(access, work)),
    transaction: (access, work) => pass().then(() => transaction(access, work)),
  };
  return {
    backends: { ...backends, [left]: backend },
    async close() {
      stop.abort();
      await trying;
    },
  };
}
