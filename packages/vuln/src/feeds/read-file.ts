import { dataError } from "@stellaops/kernel";
import { readFile, stat } from "node:fs/promises";
import { itemOf, maxFileBytes, tooLong, type FeedItem } from "./item.ts";

/** A file of one record. A file of a folder that is gone or locked is a fault of its own, not the end of the feed. */
export async function readRecordFile(path: string): Promise<FeedItem> {
  const place = { source: path, line: 1, bytes: 0 };
  try {
    const { size: bytes } = await stat(path);
    if (bytes > maxFileBytes) return { ...place, bytes, error: tooLong("a file", bytes, maxFileBytes) };
    return itemOf({ ...place, bytes }, await readFile(path));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ...place, error: dataError("FEED_FILE_UNREADABLE", `this file cannot be read: ${why}`, { cause }) };
  }
}
