import { dataError, isDataLayerError, notFound } from "@stellaops/kernel";
import { stat } from "node:fs/promises";
import { extname } from "node:path";
import type { FeedItem } from "./item.ts";
import { readRecordFile } from "./read-file.ts";
import { readFolder } from "./read-folder.ts";
import { readLines } from "./read-lines.ts";
import { readZip } from "./read-zip.ts";

export interface Feed {
  /** Read once, in one order; ending early closes what was open. */
  readonly items: AsyncGenerator<FeedItem>;
  /** Of its text; null where that is known only at the end (a folder, an archive). */
  readonly totalBytes: number | null;
}

/**
 * A feed at a path: a folder of `.json` files, a `.zip` of them, one `.json` file with one record, or any other file as
 * newline-delimited JSON. What cannot be read is an item with its place and error, and reading goes on.
 * @throws `FEED_NOT_FOUND` (not-found), `FEED_UNREADABLE` (data) where the feed as a whole cannot be read
 */
export async function openFeed(path: string): Promise<Feed> {
  const found = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const extension = extname(path).toLowerCase();
  if (found.isDirectory()) return { items: guarded(path, readFolder(path)), totalBytes: null };
  if (extension === ".zip") return { items: guarded(path, readZip(path)), totalBytes: null };
  const items = extension === ".json" ? one(readRecordFile(path)) : readLines(path);
  return { items: guarded(path, items), totalBytes: found.size };
}

async function* one(item: Promise<FeedItem>): AsyncGenerator<FeedItem> {
  yield await item;
}

async function* guarded(path: string, items: AsyncGenerator<FeedItem>): AsyncGenerator<FeedItem> {
  try {
    yield* items;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Error {
  if (isDataLayerError(cause)) return cause;
  if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR"))
    return notFound("FEED_NOT_FOUND", `there is no feed at "${path}"; give a file, a folder or a .zip that is there`, {
      details: { path },
      cause,
    });
  const why = cause instanceof Error ? cause.message : String(cause);
  return dataError("FEED_UNREADABLE", `the feed at "${path}" cannot be read: ${why}`, { details: { path }, cause });
}
