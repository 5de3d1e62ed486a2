import { dataError, type DataLayerError } from "@stellaops/kernel";

/** Where in a feed something stands: the file (`archive.zip:entry.json` inside an archive) and its line, from 1. */
export interface FeedPlace {
  readonly source: string;
  readonly line: number;
  /** Of the feed's text, uncompressed, that were read for this. */
  readonly bytes: number;
}

export interface FeedRecord extends FeedPlace {
  readonly value: unknown;
}
/** What could not be read. Reading goes on behind it. */
export interface FeedFault extends FeedPlace {
  readonly error: DataLayerError;
}
export type FeedItem = FeedRecord | FeedFault;

/** A line may hold this much; it is all that the reader keeps in memory. */
export const maxLineBytes = 16 * 1024 * 1024;
/** A file of one record, alone or in an archive: more would not fit an advisory. */
export const maxFileBytes = 8 * 1024 * 1024;

export const tooLong = (what: string, bytes: number, max: number): DataLayerError =>
  dataError("FEED_LINE_TOO_LONG", `${what} of ${bytes} bytes; at most ${max} are read: split it, or leave it out`, {
    details: { bytes, max },
  });

/** Strict, where `toString` would put U+FFFD for bytes that are no UTF-8; a byte order mark is dropped. */
const utf8 = new TextDecoder("utf-8", { fatal: true });

export function itemOf(place: FeedPlace, text: Uint8Array): FeedItem {
  try {
    const value: unknown = JSON.parse(utf8.decode(text));
    return { ...place, value };
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : "it is no UTF-8";
    return { ...place, error: dataError("FEED_LINE_UNREADABLE", `this is no JSON: ${why}`, { cause }) };
  }
}
