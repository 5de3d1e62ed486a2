import { sha256 } from "@stellaops/kernel";
import type { Both } from "./comparison.ts";
import type { Key } from "./record.ts";

/** Keys behind `after` (null: from the beginning) up to and with `upTo` (null: to the end). Bounds are keys that both databases order alike. */
export interface KeyRange {
  readonly after: Key | null;
  readonly upTo: Key | null;
  /** Only this tenant's. */
  readonly tenant: string | null;
}

/** Rows of one table in a range, in the order of their keys: how many, and SHA-256 over the SHA-256 of each one's image. */
export interface TableDigest {
  readonly count: number;
  readonly sha256: string;
}

/** The root's table first, then its children's. */
export type Tables = readonly TableDigest[];

/** One range as a comparison saw it. It begins behind the range before it. */
export interface RangeSeen {
  /** `tenant/id` of the last key; null: to the end. */
  readonly upTo: string | null;
  readonly rows: Both<number>;
  /** Over the full content of the range. Null where PostgreSQL had more rows than MongoDB, which are not hashed but looked at one by one. */
  readonly digest: Both<string | null>;
}

export const digestOf = (tables: Tables): string => sha256(tables.map(({ sha256: one }) => one).join(""));

export const sameTables = (left: Tables, right: Tables): boolean =>
  left.every(({ count, sha256: digest }, i) => right[i]?.count === count && right[i]?.sha256 === digest);
