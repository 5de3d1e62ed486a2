/** The verb, then its arguments. */
export type Step = readonly [string, ...unknown[]];

export interface Pair {
  readonly id: string;
  readonly key: string;
}
