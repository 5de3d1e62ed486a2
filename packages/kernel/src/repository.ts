import type { Aggregate, AggregateOf, Stored } from "./aggregate.ts";
import type { Page, PageRequest } from "./page.ts";

/**
 * What every repository of an aggregate can do, on both databases alike. Reads see the tenant's own rows and those of `@global`;
 * writes touch the tenant's own only.
 */
export interface Repository<A extends Aggregate> {
  /** The tenant's own aggregate, else the shared one of that id, else null. */
  get(id: string): Promise<Stored<A> | null>;
  /** In order of id, then tenant: own and shared together. */
  list(request?: PageRequest): Promise<Page<Stored<A>>>;
  /**
   * Writes the whole aggregate. `expected` is the revision that was read, or 0 for a new one; the answer is the revision now stored.
   * @throws `VALUE_…` (data), `REVISION_CONFLICT` (conflict) when it is not at that revision, `UNIQUE_VIOLATION` (integrity)
   */
  put(aggregate: AggregateOf<A>, expected: bigint): Promise<bigint>;
  /**
   * @throws `REVISION_CONFLICT` when it is not there at that revision
   */
  delete(id: string, expected: bigint): Promise<void>;
}

/** Append-only records have no revision to guard and nothing to delete. */
export type Reader<A extends Aggregate> = Pick<Repository<A>, "get" | "list">;
