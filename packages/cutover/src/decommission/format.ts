import type { Document } from "mongodb";

/*
 * An archive is one gzipped stream of BSON documents: a header; then for each collection its head, its documents as they are stored, in the
 * order of `_id`, a mark (four zero bytes) and its tally; then a mark and the manifest. Nothing has to be held in memory to write or read it.
 */

export const formatName = "stella-data archive 1";
export const mark: Uint8Array = new Uint8Array(4);

/** bigints as text. */
export interface ArchiveHeader {
  readonly format: typeof formatName;
  readonly module: string;
  readonly database: string;
  /** Of the stage record, when it was archived. */
  readonly stage: string;
  readonly epoch: string;
  readonly generation: string;
  readonly archivedAt: string;
  readonly toolVersion: string | null;
}

export interface CollectionHead {
  readonly collection: string;
  /** As listCollections and listIndexes gave them; the index on `_id` is left out. */
  readonly options: Document;
  readonly indexes: readonly Document[];
}

export interface Tally {
  readonly collection: string;
  readonly documents: number;
  readonly bytes: number;
  /** Over the documents as they are stored. */
  readonly sha256: string;
  readonly indexes: readonly string[];
}

export interface Manifest extends ArchiveHeader {
  readonly collections: readonly Tally[];
  /** Over everything in front of the manifest, before compression. */
  readonly sha256: string;
}

export type ArchivePart =
  | { readonly kind: "header"; readonly header: ArchiveHeader }
  | { readonly kind: "collection"; readonly head: CollectionHead }
  | { readonly kind: "document"; readonly bytes: Uint8Array }
  | { readonly kind: "tally"; readonly tally: Tally }
  | { readonly kind: "manifest"; readonly manifest: Manifest };
