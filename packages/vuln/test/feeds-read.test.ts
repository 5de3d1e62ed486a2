import { codeOf } from "@stellaops/kernel";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import zlib from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maxFileBytes, maxLineBytes, type FeedItem } from "../src/feeds/item.ts";
import { openFeed } from "../src/feeds/read.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "feeds-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function file(content: string | Uint8Array, name = "feed.ndjson"): Promise<string> {
  const path = join(folder, `${(files += 1)}-${name}`);
  await writeFile(path, content);
  return path;
}

async function read(path: string): Promise<readonly FeedItem[]> {
  const all: FeedItem[] = [];
  for await (const item of (await openFeed(path)).items) all.push(item);
  return all;
}

/** Line and value, or line and code. */
const told = (items: readonly FeedItem[]) =>
  items.map((item) => [item.line, "error" in item ? codeOf(item.error) : item.value]);

const failure = async (path: string) =>
  read(path).then(
    () => null,
    (error: unknown) => error,
  );

describe("lines", () => {
  test("blank lines, CR LF, a byte order mark and a missing last line end", async () => {
    expect(told(await read(await file('\ufeff{"a":1}\r\n\n  \t\r\n{"b":"é😀"}')))).toEqual([
      [1, { a: 1 }],
      [4, { b: "é😀" }],
    ]);
  });

  test("an empty file is an empty feed", async () => {
    expect(await read(await file(""))).toEqual([]);
  });

  test("a line that is no JSON, or no UTF-8, is told and passed over", async () => {
    const content = Buffer.concat([Buffer.from('{"a":1}\n{"a":\n"'), Buffer.from([0xff]), Buffer.from('"\n{"b":2}\n')]);
    expect(told(await read(await file(content)))).toEqual([
      [1, { a: 1 }],
      [2, "FEED_LINE_UNREADABLE"],
      [3, "FEED_LINE_UNREADABLE"],
      [4, { b: 2 }],
    ]);
  });

  test("a line over the limit is told and passed over, one at the limit is read", async () => {
    const fits = JSON.stringify("x".repeat(maxLineBytes - 2));
    const items = await read(await file(`${fits}\n${fits} \n{"after":1}\n`));
    expect(items.map((item) => ("error" in item ? codeOf(item.error) : "value"))).toEqual([
      "value",
      "FEED_LINE_TOO_LONG",
      "value",
    ]);
    expect(items.map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  test("bytes add up to the file", async () => {
    const path = await file('{"a":1}\n\n\n{"b":2}\nnonsense\n{"c":3}');
    const { totalBytes, items } = await openFeed(path);
    let bytes = 0;
    for await (const item of items) bytes += item.bytes;
    expect(bytes).toBe(totalBytes);
  });

  test("lines that cross the reader's chunks", async () => {
    const lines = Array.from({ length: 40 }, (_, i) => ({ i, text: "é😀".repeat(7_000 + i) }));
    const items = await read(await file(lines.map((line) => JSON.stringify(line)).join("\n")));
    expect(told(items)).toEqual(lines.map((line, i) => [i + 1, line]));
  });
});

describe("one file", () => {
  test("a .json file is one record, over as many lines as it likes", async () => {
    const path = await file('{\n  "a": 1\n}\n', "record.json");
    expect(await read(path)).toEqual([{ source: path, line: 1, bytes: 13, value: { a: 1 } }]);
  });

  test("one above the limit is refused unread", async () => {
    const path = await file(`"${"x".repeat(maxFileBytes)}"`, "large.json");
    expect(told(await read(path))).toEqual([[1, "FEED_LINE_TOO_LONG"]]);
  });
});

describe("folder", () => {
  test("every .json file below, in order of bytes; links and other files are left out", async () => {
    const root = join(folder, "tree");
    await mkdir(join(root, "b", "deep"), { recursive: true });
    const names = ["b/deep/2.json", "a.json", "\uff5e.json", "\u{10000}.json", "b/1.json", "Z.json", "readme.md"];
    for (const name of names) await writeFile(join(root, name), JSON.stringify(name));
    await writeFile(join(root, "b", "broken.json"), "{");
    await symlink(root, join(root, "loop"));
    const items = await read(root);
    expect(items.map((item) => ("error" in item ? codeOf(item.error) : item.value))).toEqual([
      "Z.json",
      "a.json",
      "b/1.json",
      "FEED_LINE_UNREADABLE",
      "b/deep/2.json",
      "\uff5e.json",
      "\u{10000}.json",
    ]);
    expect(items[3]?.source).toBe(join(root, "b", "broken.json"));
  });
});

describe("archive", () => {
  test("every .json entry, stored or deflated, in the archive's order", async () => {
    const large = JSON.stringify({ text: "é😀".repeat(50_000) });
    const path = await file(
      zip([
        { name: "b.json", text: '{"b":1}' },
        { name: "docs/", text: "" },
        { name: "docs/readme.md", text: "no record" },
        { name: "docs/a.json", text: large, deflate: true },
      ]),
      "feed.zip",
    );
    const items = await read(path);
    expect(told(items)).toEqual([
      [1, { b: 1 }],
      [1, JSON.parse(large)],
    ]);
    expect(items.map(({ source }) => source)).toEqual([`${path}:b.json`, `${path}:docs/a.json`]);
  });

  test("an entry that is broken, too large or lies about its size is told and passed over", async () => {
    const bomb = { name: "bomb.json", text: `"${"x".repeat(100_000)}"`, deflate: true };
    const path = await file(
      zip([
        { name: "no.json", text: "{" },
        { name: "damaged.json", text: '{"a":1}', crc: 1 },
        { name: "large.json", text: `"${"x".repeat(maxFileBytes)}"`, deflate: true },
        { ...bomb, size: 10 },
        { name: "fine.json", text: '{"a":1}' },
      ]),
      "feed.zip",
    );
    expect(told(await read(path))).toEqual([
      [1, "FEED_LINE_UNREADABLE"],
      [1, "FEED_FILE_UNREADABLE"],
      [1, "FEED_LINE_TOO_LONG"],
      [1, "FEED_FILE_UNREADABLE"],
      [1, { a: 1 }],
    ]);
  });

  test("reading may end early", async () => {
    const { items } = await openFeed(
      await file(
        zip([
          { name: "a.json", text: "1" },
          { name: "b.json", text: "2" },
        ]),
        "feed.zip",
      ),
    );
    for await (const item of items) {
      expect(item.line).toBe(1);
      break;
    }
    expect((await items.next()).done).toBe(true);
  });
});

describe("no feed", () => {
  test("a path that is not there", async () => {
    const error = await failure(join(folder, "missing.ndjson"));
    expect(error).toMatchObject({ code: "FEED_NOT_FOUND", family: "not-found" });
    expect(String(error)).toContain("missing.ndjson");
    expect(codeOf(await failure(join(await file("{}"), "below-a-file")))).toBe("FEED_NOT_FOUND");
  });

  test("an archive that is none", async () => {
    expect(await failure(await file("no zip at all", "feed.zip"))).toMatchObject({
      code: "FEED_UNREADABLE",
      family: "data",
    });
  });
});

interface Entry {
  readonly name: string;
  readonly text: string;
  readonly deflate?: boolean;
  /** Lies, where given. */
  readonly crc?: number;
  readonly size?: number;
}

/** The least that is a zip: local headers with their data, the central directory, its end. */
function zip(entries: readonly Entry[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, text, deflate = false, ...lies } of entries) {
    const plain = Buffer.from(text);
    const data = deflate ? zlib.deflateRawSync(plain) : plain;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x800, 2);
    fields.writeUInt16LE(deflate ? 8 : 0, 4);
    fields.writeUInt32LE(lies.crc ?? zlib.crc32(plain), 10);
    fields.writeUInt32LE(data.length, 14);
    fields.writeUInt32LE(lies.size ?? plain.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const head = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), fields, Buffer.from(name)]);
    local.push(head, data);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02\x14\x00", "latin1"), fields, tail, Buffer.from(name));
    offset += head.length + data.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
