import { setImmediate as breathe } from "node:timers/promises";
import { normalise, type Aggregate, type AggregateOf } from "@stellaops/kernel";

export interface BulkOptions {
  /** Aggregates a chunk, each chunk one transaction; 1,000. Two chunks are in memory at once. */
  readonly chunk?: number;
  /** Ends the run with the signal's reason; chunks already stored stay. */
  readonly signal?: AbortSignal;
  /** After each chunk. */
  readonly onProgress?: (progress: Bulk) => void;
}
export interface Bulk {
  /** Aggregates stored so far. */
  readonly rows: number;
}
export type Source<A extends Aggregate> = AsyncIterable<AggregateOf<A>> | Iterable<AggregateOf<A>>;

/** A chunk is also closed by its size, so that a few large aggregates do not add up. */
const maxBytes = 8 * 1024 * 1024;
/** Aggregates made ready before the event loop is let on: meanwhile it feeds the server the chunk before. */
const stride = 16;

export interface Gather<A extends Aggregate, C> {
  /** Gets each aggregate as both databases will hold it; gives about its bytes. */
  readonly add: (aggregate: AggregateOf<A>) => number;
  /** What was added since the last time. */
  readonly take: () => C;
  readonly store: (chunk: C) => Promise<void>;
}

/** One chunk is made ready while the one before is stored. The first error ends the run, after the chunk under way. */
export async function inChunks<A extends Aggregate, C>(
  definition: A,
  source: Source<A>,
  { add, take, store }: Gather<A, C>,
  { chunk: size = 1_000, signal, onProgress }: BulkOptions,
): Promise<Bulk> {
  let stored = 0;
  let [count, bytes, seen] = [0, 0, 0];
  let storing: Promise<void> = Promise.resolve();
  const counted = async (chunk: Promise<void>, added: number): Promise<void> => {
    await chunk;
    stored += added;
    onProgress?.({ rows: stored });
  };
  const next = async (): Promise<void> => {
    await storing;
    signal?.throwIfAborted();
    storing = counted(store(take()), count);
    // Awaited before the next chunk; until then it must not count as unhandled.
    storing.catch(() => undefined);
    [count, bytes] = [0, 0];
  };
  try {
    for await (const aggregate of source) {
      signal?.throwIfAborted();
      bytes += add(normalise(definition, aggregate));
      count += 1;
      if (count >= size || bytes >= maxBytes) await next();
      if ((seen += 1) % stride === 0) await breathe();
    }
    if (count > 0) await next();
  } finally {
    await storing.catch(() => undefined);
  }
  await storing;
  return { rows: stored };
}
