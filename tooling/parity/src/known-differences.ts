/** Where the two databases may be told apart, on purpose. The report shows and counts them; anything else that differs is a failure. */
export interface KnownDifference {
  /** Null: of every module. */
  readonly module: string | null;
  readonly what: string;
  readonly reason: string;
}

export const knownDifferences: readonly KnownDifference[] = [
  {
    module: null,
    what: "the text of an error's message, and its cause",
    reason: "they are the server's; code, family, constraint and path are compared and equal",
  },
  {
    module: null,
    what: "the number of round trips of some verbs (batches, claims, and every write with the register)",
    reason: "one statement on PostgreSQL is several commands on MongoDB; neither grows with the data (rounds.test.ts)",
  },
  {
    module: null,
    what: "a stored field that the definition lacks is refused as DOCUMENT_UNREADABLE on MongoDB only",
    reason: "a PostgreSQL row cannot hold a column that the table lacks",
  },
];
