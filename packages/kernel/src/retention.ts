import type { Aggregate, AggregateOf } from "./aggregate.ts";
import { refuseLimit } from "./claim.ts";
import { dataError } from "./errors.ts";
import { firstInstant } from "./field.ts";
import { instantOf } from "./instants.ts";
import { maxLimit } from "./page.ts";
import type { Retention } from "./retention-rule.ts";

const dayMs = 86_400_000;

export interface PurgeRequest {
  readonly at: Date;
  /** Whole days before `at`: what is younger stays. */
  readonly keepDays: number;
  /** 1 to 1,000. */
  readonly limit: number;
}

/** For aggregates with the rule `retain`. */
export interface Purging {
  /**
   * Deletes the tenant's own that are older than `keepDays` before `at`, the oldest first (by the field of the rule, then id) and at most
   * `limit` in one unit; answers how many. Call it until it answers 0. Whatever `at` says, nothing goes that is younger than the fewest
   * days of the rule by the server's own clock. What another purge is taking is passed over on PostgreSQL; on MongoDB the unit is run again.
   * @throws `RETENTION_TOO_SHORT`, `LIMIT_INVALID`, `VALUE_DATE` (data)
   */
  purge(request: PurgeRequest): Promise<number>;
}

/** Values of which a field must have one. */
export type Among<A> = { readonly [K in keyof AggregateOf<A>]?: readonly AggregateOf<A>[K][] };

/** What a purge takes, as both databases are told. */
export interface Purge extends Retention {
  /** What is older goes. */
  readonly before: Date;
  readonly limit: number;
}

/** @throws `RETENTION_TOO_SHORT`, `LIMIT_INVALID`, `VALUE_DATE`, `VALUE_DATE_RANGE` (data) */
export function purgeOf(definition: Aggregate, { at, keepDays, limit }: PurgeRequest): Purge {
  const { by, least } = retentionOf(definition);
  const named = definition.one.replaceAll("_", " ");
  const now = instantOf(at, "at");
  if (!Number.isSafeInteger(keepDays) || keepDays < least)
    throw dataError(
      "RETENTION_TOO_SHORT",
      `purge of ${named}: keepDays is a whole number, at least ${least}, not ${String(keepDays)}; a shorter time is decided in the rule \`retain\` and its migration`,
      { details: { path: "keepDays", least } },
    );
  const before = Math.max(firstInstant, now.getTime() - keepDays * dayMs);
  return { by, least, before: new Date(before), limit: refuseLimit(limit, maxLimit) };
}

export function retentionOf({ table, retain }: Aggregate): Retention {
  if (retain === null) throw new TypeError(`${table} has no rule \`retain\``);
  return retain;
}
