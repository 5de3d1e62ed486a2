import { dataError, normalise, refuseDuplicates, type Aggregate, type AggregateOf } from "@stellaops/kernel";

/** A batch as both databases will hold it, no key twice. */
export function cleanBatch<A extends Aggregate>(
  definition: A,
  batch: readonly AggregateOf<A>[],
  max: number,
  keyOf: (aggregate: AggregateOf<A>) => string,
): readonly AggregateOf<A>[] {
  refuseAbove(max, batch.length);
  const clean = batch.map((aggregate) => normalise(definition, aggregate));
  refuseDuplicates(clean.map(keyOf));
  return clean;
}

export function refuseAbove(max: number, length: number): void {
  if (length > max)
    throw dataError("BATCH_TOO_LARGE", `at most ${max} at once, not ${length}; send several batches`, {
      details: { max, length },
    });
}
