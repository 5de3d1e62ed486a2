import type { Page, PageRequest, Reader, Stored } from "@stellaops/kernel";
import type { feedSnapshots } from "../aggregates.ts";

export interface Opening {
  readonly id: string;
  readonly sourceId: string;
  /** Unique for the source. */
  readonly snapshotKey: string;
  readonly takenAt: Date;
}

export interface SnapshotEntry {
  readonly advisoryKey: string;
  readonly contentHash: string;
}

/** `before` is null for what was added, `after` for what was removed. */
export interface SnapshotChange {
  readonly advisoryKey: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a feed held at one moment. Filled while open, immutable once sealed, read in the order of advisory keys. */
export interface FeedSnapshots extends Reader<typeof feedSnapshots> {
  /** @throws `UNIQUE_VIOLATION` on uq_feed_snapshots_source_id_snapshot_key; answers the revision, 1 */
  open(opening: Opening): Promise<bigint>;
  /**
   * Adds entries to the tenant's own open snapshot; one that is there already takes the new hash. At most 50,000 in all.
   * Answers the new revision. @throws `SNAPSHOT_SEALED` (conflict), `NOT_FOUND`, `SNAPSHOT_FULL`, `BATCH_DUPLICATE` (data),
   * `VALUE_TOO_LONG` (data) for a key above 200 bytes or a hash above 64
   */
  addAdvisories(id: string, entries: readonly SnapshotEntry[], at: Date): Promise<bigint>;
  /**
   * Counts the entries, computes their checksum (SHA-256 over `key SP hash LF` in key order) and closes the snapshot for ever.
   * Sealing a sealed one changes nothing. @throws `NOT_FOUND`
   */
  seal(id: string, at: Date): Promise<Stored<typeof feedSnapshots>>;
  /** What differs from snapshot `a` to snapshot `b`, by advisory key; one that is not visible counts as empty. */
  diff(a: string, b: string, request?: PageRequest): Promise<Page<SnapshotChange>>;
}
