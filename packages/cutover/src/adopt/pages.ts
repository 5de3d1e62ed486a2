import { maxBytes } from "@stellaops/kernel";
import { mapError } from "@stellaops/mongo";
import type { Db } from "mongodb";
import { readDocument } from "../compare/mongo/bson.ts";
import { nameText } from "./misfits.ts";

export interface RawPage {
  readonly documents: readonly Uint8Array[];
  /** `_id` of the last one: where the next page begins. */
  readonly last: unknown;
}

export interface PageOptions {
  /** Documents of a page at most, fewer where they are large. */
  readonly size: number;
  /** `_id` of the last document seen; undefined: from the first on. */
  readonly after: unknown;
}

const firstPage = 10;

/**
 * All documents of a collection, raw, in the order of `_id` over all of its types: a bound of the index, since `$gt` looks at one type only.
 * Each page is a query of its own, so that a scan may take as long as it takes.
 */
export async function* rawPages(db: Db, table: string, { size, after }: PageOptions): AsyncGenerator<RawPage> {
  let position = after;
  for (let limit = Math.min(firstPage, size); ;) {
    const found = await pageAfter(db, table, position, limit + 1);
    const repeated = position !== undefined && found[0] !== undefined && nameOf(found[0]) === nameText(position);
    const documents = (repeated ? found.slice(1) : found).slice(0, limit);
    const end = documents.at(-1);
    if (end === undefined) return;
    position = readDocument(end).document["_id"];
    yield { documents, last: position };
    const weight = documents.reduce((sum, bytes) => sum + bytes.length, 0);
    limit = weight > maxBytes / 2 ? Math.max(1, Math.floor(limit / 2)) : Math.min(size, limit * 2);
  }
}

const nameOf = (bytes: Uint8Array): string => nameText(readDocument(bytes).document["_id"]);

async function pageAfter(db: Db, table: string, after: unknown, limit: number): Promise<readonly Uint8Array[]> {
  const cursor = db
    .collection(table, { readConcern: { level: "majority" }, readPreference: "primary" })
    .find({}, { raw: true, hint: { _id: 1 }, sort: { _id: 1 }, limit });
  if (after !== undefined) cursor.min({ _id: after as never });
  try {
    return (await cursor.toArray()) as unknown as readonly Uint8Array[];
  } catch (error) {
    throw mapError(error);
  }
}
