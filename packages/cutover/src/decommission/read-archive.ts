import { isDataLayerError, refused } from "@stellaops/kernel";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { BSON } from "mongodb";
import {
  formatName,
  mark,
  type ArchiveHeader,
  type ArchivePart,
  type CollectionHead,
  type Manifest,
  type Tally,
} from "./format.ts";

const damaged = (what: string, cause?: unknown): Error =>
  refused("ARCHIVE_DAMAGED", `the archive is damaged or incomplete: ${what}; take another copy of it`, { cause });

/** MongoDB's own limit is 16 MiB; heads and manifests are smaller. */
const largest = 17 * 2 ** 20;

/**
 * The parts of an archive in their order, each checksum verified on the way: what came before a throw must not be trusted.
 * One document is in memory at a time. @throws `ARCHIVE_DAMAGED`, `ARCHIVE_FORMAT` (refused), and what reading the file throws
 */
export async function* readArchive(file: string): AsyncGenerator<ArchivePart> {
  const source = createReadStream(file);
  const unzipped = source.pipe(createGunzip());
  // `pipe` does not pass on what goes wrong in front of it.
  source.on("error", (error) => unzipped.destroy(error));
  try {
    yield* parts(new Frames(unzipped));
  } catch (error) {
    if (isDataLayerError(error) || !isZlib(error)) throw error;
    throw damaged(error.message, error);
  } finally {
    source.destroy();
    unzipped.destroy();
  }
}

/** Reads the whole file and gives its manifest. @throws as `readArchive` */
export async function verifyArchive(file: string): Promise<Manifest> {
  let manifest: Manifest | undefined;
  for await (const part of readArchive(file)) if (part.kind === "manifest") manifest = part.manifest;
  if (manifest === undefined) throw damaged("it has no manifest");
  return manifest;
}

async function* parts(frames: Frames): AsyncGenerator<ArchivePart> {
  const header = read(await frames.document()) as ArchiveHeader;
  if (header.format !== formatName)
    throw refused(
      "ARCHIVE_FORMAT",
      `this is no "${formatName}" but "${String(header.format)}"; restore it with the version that wrote it`,
    );
  yield { kind: "header", header };
  const tallies: Tally[] = [];
  for (let start = await frames.next(); start !== null; start = await frames.next()) {
    const head = read(start) as CollectionHead;
    yield { kind: "collection", head };
    const hash = createHash("sha256");
    let documents = 0;
    for (let bytes = await frames.next(); bytes !== null; bytes = await frames.next()) {
      hash.update(bytes);
      documents += 1;
      yield { kind: "document", bytes };
    }
    const tally = read(await frames.document()) as Tally;
    if (tally.collection !== head.collection || tally.documents !== documents || tally.sha256 !== hash.digest("hex"))
      throw damaged(`collection ${head.collection} is not what was written`);
    tallies.push(tally);
    yield { kind: "tally", tally };
  }
  const sha256 = frames.digest();
  const manifest = read(await frames.document()) as Manifest;
  if (manifest.sha256 !== sha256 || JSON.stringify(manifest.collections) !== JSON.stringify(tallies))
    throw damaged("its checksum is another one");
  if (!(await frames.atEnd())) throw damaged("something follows its manifest");
  yield { kind: "manifest", manifest };
}

const read = (bytes: Uint8Array): unknown => {
  try {
    return BSON.deserialize(bytes);
  } catch (error) {
    throw damaged("a part of it cannot be read", error);
  }
};

const isZlib = (error: unknown): error is Error =>
  error instanceof Error && "code" in error && typeof error.code === "string" && error.code.startsWith("Z_");

/** Cuts a stream of bytes into BSON documents and marks. */
class Frames {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash = createHash("sha256");
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** Null: a mark. */
  async next(): Promise<Uint8Array | null> {
    const head = await this.#first(4);
    const size = new DataView(head.buffer, head.byteOffset, 4).getInt32(0, true);
    if (size === 0) {
      this.#take(mark.length);
      return null;
    }
    if (size < 5 || size > largest) throw damaged("a document has an impossible length");
    await this.#first(size);
    return this.#take(size);
  }

  async document(): Promise<Uint8Array> {
    const bytes = await this.next();
    if (bytes === null) throw damaged("a document is missing");
    return bytes;
  }

  /** Of everything that was taken. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }

  async atEnd(): Promise<boolean> {
    return this.#rest.length === 0 && (await this.#chunks.next()).done === true;
  }

  /** The first bytes of what is left, at least so many. */
  async #first(size: number): Promise<Uint8Array> {
    if (this.#rest.length < size) {
      const held = [this.#rest];
      let length = this.#rest.length;
      while (length < size) {
        const { done, value } = await this.#chunks.next();
        if (done === true) throw damaged("it ends too early");
        held.push(value);
        length += value.length;
      }
      this.#rest = Buffer.concat(held);
    }
    return this.#rest.subarray(0, size);
  }

  #take(size: number): Uint8Array {
    const bytes = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    this.#hash.update(bytes);
    return bytes;
  }
}
