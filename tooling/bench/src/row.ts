/** One measured ratio. */
export interface Row {
  readonly experiment: string;
  readonly name: string;
  readonly ratio: number;
  /** What the ratio is held against; null where it is only shown beside another. */
  readonly reach: { readonly least: number } | { readonly most: number } | null;
  /** What was divided, in `unit`. */
  readonly parts: Readonly<Record<string, number>>;
  readonly unit: string;
  /** What bounds it, or what the reader has to know. */
  readonly note?: string;
}

/** Null where there is nothing to hold. */
export const holds = ({ ratio, reach }: Row): boolean | null =>
  reach === null ? null : "least" in reach ? ratio >= reach.least : ratio <= reach.most;

export const reachText = ({ reach }: Row): string =>
  reach === null ? "" : "least" in reach ? `>= ${reach.least}` : `<= ${reach.most}`;
