import { codeOf, isDataLayerError, normalise, type Clock, type DataLayerError, type IdSource } from "@stellaops/kernel";
import { advisories as definition, type Advisory } from "../aggregates.ts";
import { mapOsv } from "../domain/osv.ts";
import type { FeedItem, FeedPlace } from "./item.ts";
import { openFeed, type Feed } from "./read.ts";

/** What the importer needs of the advisories' repository: insert what is new, change what differs by content hash, leave the rest. */
export interface AdvisorySink {
  ingestBatch(
    advisories: readonly Advisory[],
  ): Promise<{ readonly inserted: number; readonly updated: number; readonly unchanged: number }>;
}

export interface ImportCounts {
  /** Everything that was met, each counted once in what follows: readable or not. */
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Gave way to another record of the same id in the same batch. */
  readonly superseded: number;
  readonly refused: number;
  readonly seconds: number;
}

/** Counts so far, after a batch. `bytes` are of the feed's text; `totalBytes` is null where that is not known beforehand. */
export interface ImportProgress extends ImportCounts {
  readonly bytes: number;
  readonly totalBytes: number | null;
}

export interface RefusedRecord {
  readonly source: string;
  readonly line: number;
  /** The record's own id, where it could be read. */
  readonly recordId: string | null;
  readonly code: string;
  /** Into the record or the advisory made of it; null where the line as such could not be read. */
  readonly path: string | null;
  readonly reason: string;
}

type Origin =
  | { readonly path: string }
  /** Records at hand; their "line" is their number, from 1. */
  | { readonly records: Iterable<unknown> | AsyncIterable<unknown> };

export type ImportOptions = Origin & {
  readonly advisories: AdvisorySink;
  readonly sourceId: string;
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Advisories handed over at once; 500 when left out, and fewer where that takes longer than a unit of work may. */
  readonly batchSize?: number;
  /** Ends the import with the signal's reason; batches already handed over stay, and a second run goes on from there. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly onRefused?: (refused: RefusedRecord) => void;
};

/** A batch is also closed by its size, so that a few large records do not add up. */
const maxBatchBytes = 8 * 1024 * 1024;

/**
 * Streams a feed of OSV records into advisories. A record that cannot be read or mapped is refused alone. Of two records of one id in a batch
 * the later `modified` wins, of equal ones the last. A second run of the same feed writes nothing, given that each id stands in it once.
 * @throws `FEED_NOT_FOUND`, `FEED_UNREADABLE`, the signal's reason, and whatever `ingestBatch` throws
 */
export async function importOsv(options: ImportOptions): Promise<ImportCounts> {
  const { advisories, sourceId, clock, ids, batchSize = 500, signal, onProgress, onRefused } = options;
  const started = clock.now().getTime();
  const { items, totalBytes } = await feedOf(options);
  const counts = { read: 0, inserted: 0, updated: 0, unchanged: 0, superseded: 0, refused: 0 };
  const batch = new Map<string, Advisory>();
  let bytes = 0;
  let batchBytes = 0;
  const soFar = (): ImportCounts => ({ ...counts, seconds: (clock.now().getTime() - started) / 1000 });

  let size = batchSize;

  /** What takes longer than a unit of work may is handed over in halves, and so is what comes later. */
  const handOver = async (all: readonly Advisory[]): Promise<void> => {
    try {
      const done = await advisories.ingestBatch(all);
      counts.inserted += done.inserted;
      counts.updated += done.updated;
      counts.unchanged += done.unchanged;
    } catch (error) {
      if (codeOf(error) !== "UNIT_TIMEOUT" || all.length === 1) throw error;
      const half = Math.ceil(all.length / 2);
      size = half;
      await handOver(all.slice(0, half));
      await handOver(all.slice(half));
    }
  };
  const flush = async (): Promise<void> => {
    if (batch.size > 0) await handOver([...batch.values()]);
    batch.clear();
    batchBytes = 0;
    onProgress?.({ ...soFar(), bytes, totalBytes });
  };

  for await (const item of items) {
    signal?.throwIfAborted();
    counts.read += 1;
    bytes += item.bytes;
    const outcome = advisoryOf(item, () => {
      const now = clock.now();
      return { id: ids.next(), sourceId, createdAt: now, updatedAt: now };
    });
    if ("refused" in outcome) {
      counts.refused += 1;
      onRefused?.(outcome.refused);
      continue;
    }
    const { advisory } = outcome;
    const rival = batch.get(advisory.advisoryKey);
    if (rival !== undefined) counts.superseded += 1;
    if (rival === undefined || rival.modifiedAt <= advisory.modifiedAt) batch.set(advisory.advisoryKey, advisory);
    batchBytes += item.bytes;
    if (batch.size >= size || batchBytes >= maxBatchBytes) await flush();
  }
  signal?.throwIfAborted();
  await flush();
  return soFar();
}

type Identity = Pick<Advisory, "id" | "sourceId" | "createdAt" | "updatedAt">;
type Outcome = { readonly advisory: Advisory } | { readonly refused: RefusedRecord };

function advisoryOf(item: FeedItem, identity: () => Identity): Outcome {
  if ("error" in item) return { refused: refusalOf(item, null, item.error) };
  try {
    return { advisory: normalise(definition, { ...mapOsv(item.value), ...identity() }) };
  } catch (error) {
    if (!isDataLayerError(error) || error.family !== "data") throw error;
    return { refused: refusalOf(item, item.value, error) };
  }
}

function refusalOf({ source, line }: FeedPlace, record: unknown, error: DataLayerError): RefusedRecord {
  const id = typeof record === "object" && record !== null && "id" in record ? record.id : null;
  const { path } = error.details;
  return {
    source,
    line,
    recordId: typeof id === "string" ? id : null,
    code: error.code,
    path: typeof path === "string" ? path : null,
    reason: error.message,
  };
}

const feedOf = async (origin: Origin): Promise<Feed> =>
  "path" in origin ? openFeed(origin.path) : { items: numbered(origin.records), totalBytes: null };

async function* numbered(records: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<FeedItem> {
  let line = 0;
  for await (const value of records) yield { source: "records", line: (line += 1), bytes: 0, value };
}
