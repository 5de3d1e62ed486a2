import type { Purging } from "./retention.ts";
import { GLOBAL } from "./tenant.ts";

/** Names of the repositories that purge. */
export type Purgeable<R> = { [K in keyof R]: R[K] extends Purging ? K : never }[keyof R] & string;

export interface RetentionPolicy<R> {
  readonly repository: Purgeable<R>;
  /** As in `PurgeRequest`. */
  readonly keepDays: number;
}

export interface Retained {
  readonly tenant: string;
  readonly repository: string;
  /** Of this tenant's repository, so far. */
  readonly purged: number;
}

export interface RetainOptions {
  readonly at: Date;
  /** `@global` for what is shared. */
  readonly tenants: Iterable<string> | AsyncIterable<string>;
  /** Deleted in one unit of work, 1 to 1,000; 500. */
  readonly limit?: number;
  /** Ends the run with the signal's reason, between two units. */
  readonly signal?: AbortSignal;
  /** After each unit that deleted something. */
  readonly onProgress?: (retained: Retained) => void;
}

interface Handle<R> {
  tenant(id: string): R;
  shared(): R;
}

/**
 * Purges each tenant's repositories, one bounded unit after the other, until nothing is left that is older than its policy keeps; answers
 * how many went. Whatever ends it, a next run goes on with what is there: it keeps no state. Several may run at once.
 * @throws what `purge` throws
 */
export async function retain<R>(
  handle: Handle<R>,
  policies: readonly RetentionPolicy<NoInfer<R>>[],
  { at, tenants, limit = 500, signal, onProgress }: RetainOptions,
): Promise<number> {
  let total = 0;
  for await (const tenant of tenants) {
    const on = tenant === GLOBAL ? handle.shared() : handle.tenant(tenant);
    for (const { repository, keepDays } of policies) {
      const { purge } = on[repository] as Purging;
      for (let [purged, more] = [0, 1]; more > 0;) {
        signal?.throwIfAborted();
        more = await purge({ at, keepDays, limit });
        purged += more;
        total += more;
        if (more > 0) onProgress?.({ tenant, repository, purged });
      }
    }
  }
  return total;
}
