import { refused } from "@stellaops/kernel";
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { access, open, rename, rm } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { BSON, type Db } from "mongodb";
import { headsOf, rawDocuments } from "./collections.ts";
import { mark, type ArchiveHeader, type Manifest, type Tally } from "./format.ts";

export interface WriteOptions {
  readonly db: Db;
  readonly file: string;
  readonly header: ArchiveHeader;
  readonly signal?: AbortSignal;
  /** Called after each piece of about 64 KiB. */
  readonly onProgress?: (collection: string, documents: number) => void;
}

export interface Written {
  readonly manifest: Manifest;
  /** Of the file, as `sha256sum` gives it. */
  readonly fileSha256: string;
  readonly fileBytes: number;
}

const pieceBytes = 65_536;

/**
 * Writes all collections of a database to one file, which appears under its name only when it is whole and on the disk; only its owner
 * may read it. @throws `ARCHIVE_EXISTS` (refused)
 */
export async function writeArchive({ db, file, header, signal, onProgress }: WriteOptions): Promise<Written> {
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (there) throw refused("ARCHIVE_EXISTS", `${file} is there already; give another name, or move it away`);
  const all = createHash("sha256");
  const part = `${file}.part`;
  const tallies: Tally[] = [];
  let manifest: Manifest | undefined;

  async function* stream(): AsyncGenerator<Uint8Array> {
    const told = (bytes: Uint8Array): Uint8Array => {
      all.update(bytes);
      return bytes;
    };
    yield told(BSON.serialize(header));
    for (const head of await headsOf(db)) {
      const { collection, indexes } = head;
      yield told(BSON.serialize(head));
      const hash = createHash("sha256");
      let documents = 0;
      let bytes = 0;
      for await (const piece of pieces(rawDocuments(db, collection))) {
        hash.update(piece.bytes);
        documents += piece.documents;
        bytes += piece.bytes.length;
        yield told(piece.bytes);
        onProgress?.(collection, documents);
      }
      const names = indexes.map(({ name }) => String(name));
      const tally = { collection, documents, bytes, sha256: hash.digest("hex"), indexes: names };
      tallies.push(tally);
      yield told(mark);
      yield told(BSON.serialize(tally));
    }
    yield told(mark);
    manifest = { ...header, collections: tallies, sha256: all.digest("hex") };
    yield BSON.serialize(manifest);
  }

  const fileHash = createHash("sha256");
  let fileBytes = 0;
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      fileHash.update(chunk);
      fileBytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    const from = Readable.from(stream(), { highWaterMark: 1 });
    const to = createWriteStream(part, { mode: 0o600 });
    await pipeline([from, createGzip({ level: 6 }), counted, to], signal === undefined ? {} : { signal });
    const handle = await open(part, "r+");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    signal?.throwIfAborted();
    throw error;
  }
  if (manifest === undefined) throw new TypeError("the archive ended before its manifest");
  return { manifest, fileSha256: fileHash.digest("hex"), fileBytes };
}

/** Small documents together, so that neither hashing nor compression is asked a million times. */
async function* pieces(documents: AsyncIterable<Uint8Array>) {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of documents) {
    waiting.push(bytes);
    size += bytes.length;
    if (size < pieceBytes) continue;
    yield { bytes: Buffer.concat(waiting), documents: waiting.length };
    waiting = [];
    size = 0;
  }
  if (waiting.length > 0) yield { bytes: Buffer.concat(waiting), documents: waiting.length };
}
