import type { Aggregate } from "./aggregate.ts";
import { instant, text } from "./field.ts";
import type { Repository } from "./repository.ts";

/**
 * Spread into a shape, these make the aggregate soft: what is deleted stays, marked, and unique keys are partial on live rows.
 * `get` gives what is marked, with its mark; lists of use cases leave it out.
 */
export const softFields = { deletedAt: instant().orNull, deletedBy: text(200).orNull };

export interface SoftRepository<A extends Aggregate> extends Repository<A> {
  /**
   * Marks the tenant's own as deleted; the answer is the revision now stored.
   * @throws `REVISION_CONFLICT` (conflict) when it is not there at that revision, or is marked already
   */
  softDelete(id: string, expected: bigint, by: { readonly by: string; readonly at: Date }): Promise<bigint>;
  /**
   * Takes the mark away; the answer is the revision now stored.
   * @throws `REVISION_CONFLICT` (conflict) when it is not there at that revision, or is not marked; `UNIQUE_VIOLATION` (integrity) when a
   * live one has its key by now
   */
  restore(id: string, expected: bigint, by: { readonly at: Date }): Promise<bigint>;
}
