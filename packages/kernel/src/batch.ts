import { normalise, type Aggregate, type AggregateOf } from "./aggregate.ts";
import { byBytes } from "./bytes.ts";
import { dataError } from "./errors.ts";
import { refuseDuplicates } from "./ingest.ts";

/** A batch as both databases will hold it, no key and no id twice; in the order of keys, so that two batches of the same keys wait for each other and do not deadlock. */
export function cleanBatch<A extends Aggregate>(
  definition: A,
  batch: readonly AggregateOf<A>[],
  max: number,
  keyOf: (aggregate: AggregateOf<A>) => string,
): readonly AggregateOf<A>[] {
  refuseAbove(max, batch.length);
  const clean = batch.map((aggregate) => normalise(definition, aggregate));
  refuseDuplicates(clean.map(keyOf));
  refuseDuplicates(clean.map((aggregate) => (aggregate as { readonly id: string }).id));
  return clean.toSorted((a, b) => byBytes(keyOf(a), keyOf(b)));
}

/** @throws `BATCH_TOO_LARGE` (data) */
export function refuseAbove(max: number, length: number): void {
  if (length > max)
    throw dataError("BATCH_TOO_LARGE", `at most ${max} at once, not ${length}; send several batches`, {
      details: { max, length },
    });
}
