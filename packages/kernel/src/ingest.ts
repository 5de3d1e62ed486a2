import { dataError } from "./errors.ts";

export interface Ingested {
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
}

/** What is stored under a natural key, as far as an ingest needs to know it. */
export interface Known {
  readonly id: string;
  readonly revision: bigint;
  readonly createdAt: Date;
  readonly key: string;
  /** What must differ for a write: a content hash. */
  readonly mark: string;
}

interface Incoming {
  readonly id: string;
  readonly createdAt: Date;
}

export interface IngestPlan<T> {
  readonly create: readonly T[];
  readonly replace: readonly { readonly aggregate: T; readonly expected: bigint }[];
  readonly unchanged: number;
  /** Stored, and named by none of the incoming. */
  readonly gone: readonly Known[];
}

/** What has to be written, so that equal content writes nothing. What is known keeps its id and its creation time. */
export function planIngest<T extends Incoming>(
  known: readonly Known[],
  incoming: readonly T[],
  of: (aggregate: T) => { readonly key: string; readonly mark: string },
): IngestPlan<T> {
  const stored = new Map(known.map((entry) => [entry.key, entry]));
  const create: T[] = [];
  const replace: { aggregate: T; expected: bigint }[] = [];
  let unchanged = 0;
  for (const aggregate of incoming) {
    const { key, mark } = of(aggregate);
    const before = stored.get(key);
    stored.delete(key);
    if (before === undefined) create.push(aggregate);
    else if (before.mark === mark) unchanged += 1;
    else
      replace.push({
        aggregate: { ...aggregate, id: before.id, createdAt: before.createdAt },
        expected: before.revision,
      });
  }
  return { create, replace, unchanged, gone: [...stored.values()] };
}

export const ingested = ({ create, replace, unchanged }: IngestPlan<unknown>): Ingested => ({
  inserted: create.length,
  updated: replace.length,
  unchanged,
});

/** @throws `BATCH_DUPLICATE`: which of the two was meant cannot be known here */
export function refuseDuplicates(keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key))
      throw dataError("BATCH_DUPLICATE", `"${key}" occurs twice in one batch; keep the newer one`, {
        details: { key },
      });
    seen.add(key);
  }
}
