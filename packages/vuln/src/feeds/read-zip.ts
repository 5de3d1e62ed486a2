import { dataError } from "@stellaops/kernel";
import { buffer } from "node:stream/consumers";
import zlib from "node:zlib";
import yauzl from "yauzl";
import { itemOf, maxFileBytes, tooLong, type FeedItem } from "./item.ts";

/** Every `.json` entry of an archive, one record each, in the archive's order, unpacked one at a time. */
export async function* readZip(path: string): AsyncGenerator<FeedItem> {
  const archive = await yauzl.openPromise(path, { autoClose: false });
  try {
    for await (const entry of archive.eachEntry())
      if (entry.fileName.endsWith(".json")) yield await readEntry(path, archive, entry);
  } finally {
    archive.close();
  }
}

async function readEntry(path: string, archive: yauzl.ZipFile, entry: yauzl.Entry): Promise<FeedItem> {
  const bytes = entry.uncompressedSize;
  const place = { source: `${path}:${entry.fileName}`, line: 1, bytes };
  if (bytes > maxFileBytes) return { ...place, error: tooLong("an entry", bytes, maxFileBytes) };
  try {
    // The stream fails as soon as it holds more than the entry claimed, so that a bomb cannot fill the memory.
    const text = await buffer(await archive.openReadStreamPromise(entry));
    if (zlib.crc32(text) !== entry.crc32) throw new Error("its checksum does not match");
    return itemOf(place, text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return { ...place, error: dataError("FEED_FILE_UNREADABLE", `this entry cannot be unpacked: ${why}`, { cause }) };
  }
}
