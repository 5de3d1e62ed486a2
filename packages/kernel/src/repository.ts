import type { Aggregate, AggregateOf, Stored } from "./aggregate.ts";
import { codeOf, conflict, dataError, transient, type DataLayerError } from "./errors.ts";
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

/** What a unit writes of one aggregate: new ones, and ones that were read at a revision. */
export interface WritePlan<A extends Aggregate> {
  readonly create?: readonly AggregateOf<A>[];
  readonly replace?: readonly { readonly aggregate: AggregateOf<A>; readonly expected: bigint }[];
  readonly remove?: readonly { readonly id: string; readonly revision: bigint }[];
}

const maxRevision = 2n ** 63n - 2n;

/**
 * Checked at run time too: callers in plain JavaScript exist, and what is no bigint means another thing to each database.
 * @throws `REVISION_INVALID` (data)
 */
export function revisionOf(expected: unknown): bigint {
  if (typeof expected === "bigint" && expected >= 0n && expected <= maxRevision) return expected;
  throw dataError("REVISION_INVALID", "the expected revision is the bigint that was read, or 0n for what is new");
}

export const stale = ({ one }: Aggregate, expected: bigint): DataLayerError =>
  conflict(
    "REVISION_CONFLICT",
    expected === 0n
      ? `this ${one} is already there; read it and pass its revision`
      : `this ${one} is not at revision ${expected}; read it again and decide anew`,
  );

/** What was planned from a read is not there any more: the unit is run again on what is there now. */
export const raced = ({ one }: Aggregate, cause?: unknown): DataLayerError =>
  transient("RACED", `another writer changed a ${one} of this batch; the unit is run again`, { cause });

/** For a write that was planned from a read: a key that came since makes it a race, whatever else fails stays as it is. */
export const racedByKey =
  (definition: Aggregate) =>
  (error: unknown): never => {
    throw codeOf(error) === "UNIQUE_VIOLATION" ? raced(definition, error) : error;
  };
