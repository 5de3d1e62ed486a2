/** One weakening of the migrated database. */
export interface Mutant {
  readonly kind: string;
  readonly name: string;
  /** Run by a superuser, in a transaction that is rolled back. */
  readonly sql: string;
  /** The table that it touches; null: any. */
  readonly table: string | null;
  /** No attack can see it by itself: the comparison of the catalogue with the schema's snapshot is the test. */
  readonly static?: boolean;
}
