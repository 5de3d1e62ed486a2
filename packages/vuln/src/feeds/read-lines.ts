import { createReadStream } from "node:fs";
import { itemOf, maxLineBytes, tooLong, type FeedItem } from "./item.ts";

const newline = 0x0a;

/** One record a line; blank lines are passed over. Memory is bounded by the longest line that is allowed. */
export async function* readLines(path: string): AsyncGenerator<FeedItem> {
  let number = 0;
  let passed = 0;
  for await (const { text, bytes } of split(createReadStream(path, { highWaterMark: 256 * 1024 }))) {
    number += 1;
    const place = { source: path, line: number, bytes: bytes + passed };
    if (text !== null && isBlank(text)) {
      passed += bytes;
      continue;
    }
    passed = 0;
    yield text === null ? { ...place, error: tooLong("a line", bytes, maxLineBytes) } : itemOf(place, text);
  }
}

interface Line {
  /** Null where it is longer than allowed: it was counted and let go. */
  readonly text: Buffer | null;
  /** With its line end. */
  readonly bytes: number;
}

async function* split(chunks: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let held = 0;
  const keep = (part: Buffer): void => {
    held += part.length;
    if (held > maxLineBytes) parts = [];
    else parts.push(part);
  };
  const take = (ending: number): Line => {
    const text = held > maxLineBytes ? null : Buffer.concat(parts);
    const line = { text, bytes: held + ending };
    parts = [];
    held = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      keep(chunk.subarray(start, end));
      yield take(1);
      start = end + 1;
    }
    keep(chunk.subarray(start));
  }
  if (held > 0) yield take(0);
}

const isBlank = (text: Buffer): boolean => text.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
