/** What the worker tells at its end. */
export interface Report {
  queries: number;
  rows: number;
  /** Queries that were handed other rows than their own. */
  wrong: number;
  /** Cancelled by their caller. */
  aborted: number;
  readonly failed: Record<string, number>;
  /** Errors that tell nobody what to do. */
  readonly unexpected: string[];
  /** Writes that were answered and are not stored. */
  lost: number;
  /** Writes whose failure said that nothing was stored, and that are; or that are there twice. */
  ghosts: number;
}
