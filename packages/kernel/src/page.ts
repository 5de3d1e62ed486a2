import { createHash } from "node:crypto";
import { dataError } from "./errors.ts";

/** A page of a list in one total order. `next` is null on the last page. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PageRequest {
  /** 1 to 1,000; 100 when left out. */
  readonly limit?: number;
  /** The `next` of the page before; null or left out for the first page. */
  readonly after?: string | null;
}

export const defaultLimit = 100;
export const maxLimit = 1_000;

/** @throws `LIMIT_INVALID` */
export function limitOf({ limit = defaultLimit }: PageRequest): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxLimit) return limit;
  throw dataError("LIMIT_INVALID", `a page holds 1 to ${maxLimit} items, not ${String(limit)}`);
}

/**
 * Keyset cursors: opaque text that carries the position after the last item, a signature of the query (verb, arguments, tenant, order) and a checksum.
 * A cursor is good for the query that made it and for no other.
 */
export class Cursors {
  readonly #signature: string;

  constructor(...query: readonly unknown[]) {
    this.#signature = createHash("sha256").update(JSON.stringify(query)).digest("base64url").slice(0, 12);
  }

  encode(position: readonly string[]): string {
    const parts = [this.#signature, ...position];
    return Buffer.from(JSON.stringify([checksum(parts), ...parts])).toString("base64url");
  }

  /** @throws `CURSOR_INVALID`, `CURSOR_FOREIGN` */
  decode(cursor: string | null | undefined, length: number): readonly string[] | null {
    if (cursor === null || cursor === undefined) return null;
    const [sum, ...parts] = parse(cursor);
    if (sum !== checksum(parts))
      throw dataError("CURSOR_INVALID", "this is no cursor; pass the `next` of a page unchanged");
    const [signature, ...position] = parts;
    if (signature !== this.#signature || position.length !== length)
      throw dataError(
        "CURSOR_FOREIGN",
        "this cursor belongs to another query; begin again without one when the verb, an argument or the tenant changes",
      );
    return position;
  }
}

/** No secret is kept here: an edited cursor is a mistake that is told, not an attack; rows are guarded by the tenant, not by cursors. */
const checksum = (parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 6);

function parse(cursor: string): readonly string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parts) && parts.every((part) => typeof part === "string") ? parts : [];
  } catch {
    return [];
  }
}

/** Cuts a result of `limit + 1` items to a page. */
export function pageOf<T>(items: readonly T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const last = items[limit - 1];
  if (items.length <= limit || last === undefined) return { items, next: null };
  return { items: items.slice(0, limit), next: cursorOf(last) };
}
