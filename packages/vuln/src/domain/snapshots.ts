import {
  conflict,
  dataError,
  normalisePart,
  notFound,
  refuseDuplicates,
  sha256,
  transient,
  type Stored,
} from "@stellaops/kernel";
import { feedSnapshots, type FeedSnapshot } from "../aggregates.ts";
import type { Opening, SnapshotEntry } from "../repositories/feed-snapshots.ts";

/** A snapshot is one document on MongoDB: this many entries of the most bytes (312 each in BSON) stay below its limit of 16 MiB. */
const maxEntries = 50_000;
const maxKeyBytes = 200;
const maxHashBytes = 64;

export const checksumOf = (sorted: readonly SnapshotEntry[]): string =>
  sha256(sorted.map(({ advisoryKey, contentHash }) => `${advisoryKey} ${contentHash}\n`).join(""));

export const emptySnapshot = ({ id, sourceId, snapshotKey, takenAt }: Opening): FeedSnapshot => ({
  id,
  sourceId,
  snapshotKey,
  takenAt,
  sealedAt: null,
  advisoryCount: 0n,
  checksum: null,
  advisories: [],
  createdAt: takenAt,
  updatedAt: takenAt,
});

/** Entries as both databases will hold them, no key twice. */
export function addable(id: string, entries: readonly SnapshotEntry[], at: Date): readonly SnapshotEntry[] {
  refuseFull(entries.length);
  refuseDuplicates(entries.map(({ advisoryKey }) => advisoryKey));
  const { advisories } = normalisePart(feedSnapshots, { id, advisories: entries, updatedAt: at });
  for (const entry of advisories) refuseLong(entry);
  return advisories;
}

function refuseLong({ advisoryKey, contentHash }: SnapshotEntry): void {
  if (Buffer.byteLength(advisoryKey) <= maxKeyBytes && Buffer.byteLength(contentHash) <= maxHashBytes) return;
  throw dataError(
    "VALUE_TOO_LONG",
    `feed_snapshot: an entry's key takes at most ${maxKeyBytes} bytes and its hash ${maxHashBytes}, so that a full snapshot fits one document`,
    { details: { path: "advisories", advisoryKey } },
  );
}

export function refuseFull(entries: number): void {
  if (entries > maxEntries)
    throw dataError("SNAPSHOT_FULL", `a snapshot holds at most ${maxEntries} entries; split the feed by ecosystem`, {
      details: { entries },
    });
}

export const snapshotMissing = (id: string): Error => notFound("NOT_FOUND", `this tenant has no snapshot ${id}`);

export const missingOrSealed = (id: string, found: Stored<typeof feedSnapshots> | null): Error =>
  found === null || found.sealedAt === null
    ? snapshotMissing(id)
    : conflict("SNAPSHOT_SEALED", `snapshot ${id} is sealed and never changes again; open another`);

export const sealRaced = (id: string): Error =>
  transient("RACED", `snapshot ${id} changed while it was being sealed; the unit is run again`);
