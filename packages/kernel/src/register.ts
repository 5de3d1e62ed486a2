/**
 * The register has one row per key in each database: (generation, revision, deleted, pending). It is the change log of the primary,
 * the tombstone of what was deleted, and the guard against an older state that arrives late. A unit that writes under a live stage
 * enters every key it changes, in the transaction that changes it.
 */
export interface Register {
  readonly module: string;
  readonly generation: bigint;
  /** Whether the change is still to be applied to the other database. */
  readonly pending: boolean;
  /** Tells which keys were changed; handed on after commit. */
  touched(aggregate: string, ids: readonly string[]): void;
}
