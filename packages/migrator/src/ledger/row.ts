import type { Category } from "../files/name.ts";

/** How far a file came that does not run in one transaction. */
export interface Cursor {
  /** Statements that are done. */
  readonly done: number;
  /** The next one was begun: if it cannot run in a transaction, its effect may be there. */
  readonly begun?: boolean;
  /** SHA-256 of the statements done, so that the rest of the file may still be corrected. */
  readonly prefix?: string;
  /** What the last batch of a data migration gave back. */
  readonly position?: unknown;
}

/** A row of `<schema>.schema_migrations`. */
export interface LedgerRow {
  readonly name: string;
  readonly category: Category;
  readonly checksum: string;
  readonly state: "running" | "applied";
  readonly cursor: Cursor | null;
  readonly rowsDone: bigint;
  readonly appliedAt: Date;
  readonly appliedBy: string;
  readonly durationMs: number;
}
