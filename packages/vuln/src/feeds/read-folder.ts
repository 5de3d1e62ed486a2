import { byBytes } from "@stellaops/kernel";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { FeedItem } from "./item.ts";
import { readRecordFile } from "./read-file.ts";

/** Every `.json` file below, one record each, in the order of names on every machine. Links are not followed. */
export async function* readFolder(path: string): AsyncGenerator<FeedItem> {
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => byBytes(a.name, b.name))) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) yield* readFolder(below);
    else if (entry.isFile() && entry.name.endsWith(".json")) yield await readRecordFile(below);
  }
}
