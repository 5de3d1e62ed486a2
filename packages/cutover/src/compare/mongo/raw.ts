import { isId } from "@stellaops/kernel";
import type { Key } from "../record.ts";
import { bson, endOf, Names } from "./elements.ts";

/** A text that begins with its length. */
export const textAt = (from: Buffer, at: number): string =>
  from.toString("utf8", at + 4, at + 3 + from.readInt32LE(at));

/** One document as it was read. */
export interface RawDocument {
  readonly bytes: Buffer;
  /** Null where what is stored is no text: such a document cannot be matched with a row. */
  readonly key: Key | null;
  /** Its key is one that PostgreSQL can have, so that a range can end with it. */
  readonly bounds: boolean;
  readonly revision: bigint | null;
  /** Not plainly as its definition says: its digest tells nothing, and it is looked at by itself. */
  odd: boolean;
}

/** PostgreSQL has no text with a zero in it. */
export const canBeOnPostgres = ({ tenant, id }: Key): boolean => isId(id) && !tenant.includes("\0");

const names = new Names(["tenantId", "id", "revision"]);

/** Reads no more of a document than its key and its revision. */
export function rawDocument(bytes: Buffer): RawDocument {
  const found: (string | null)[] = [null, null];
  let revision: bigint | null = null;
  const end = bytes.length - 1;
  for (let at = 4, position = 0; at < end; position += 1) {
    const type = bytes[at] ?? 0;
    const index = names.find(bytes, at + 1, position);
    at = names.end;
    if (index === 2) revision = type === bson.long ? bytes.readBigInt64LE(at) : null;
    else if (index >= 0) found[index] = type === bson.string ? textAt(bytes, at) : null;
    at = endOf(bytes, type, at);
  }
  const [tenant = null, id = null] = found;
  if (tenant === null || id === null) return { bytes, key: null, bounds: false, revision, odd: true };
  const key = { tenant, id };
  const bounds = canBeOnPostgres(key);
  return { bytes, key, bounds, revision, odd: !bounds };
}
