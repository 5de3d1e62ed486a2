import type { Position, Range, Ranges } from "./replica.ts";

/** Keys drawn for each range: more make the ranges more even. */
const drawn = 32;

/** How many keys to draw at random; 0 where one range is enough. */
export const sampleOf = (estimate: number, size: number): number =>
  estimate <= size ? 0 : Math.ceil(estimate / size) * drawn;

/** Ranges of about `size` keys between keys of a sample, which is in order. */
export function rangesOf(estimate: number, size: number, sample: readonly Position[]): Ranges {
  const parts = Math.min(Math.ceil(estimate / size), sample.length + 1);
  const ranges: Range[] = [];
  let first: Position | null = null;
  for (let part = 1; part < parts; part += 1) {
    const { tenant, id } = sample[Math.floor((part * sample.length) / parts)] ?? { tenant: "", id: "" };
    // A sample may hold a key twice.
    if (first !== null && first.tenant === tenant && first.id === id) continue;
    ranges.push({ first, last: { tenant, id } });
    first = { tenant, id };
  }
  return { estimate, ranges: [...ranges, { first, last: null }] };
}
