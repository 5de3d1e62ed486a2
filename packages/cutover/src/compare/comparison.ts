import type { Json } from "@stellaops/kernel";
import type { Database } from "../stages.ts";
import type { RangeSeen } from "./range.ts";

/** A value of each database. */
export interface Both<T> {
  readonly mongo: T;
  readonly postgres: T;
}

/**
 * - `missing`: on the primary only; or live in a register while neither database has the row;
 * - `extra`: on the secondary only;
 * - `stale`, `ahead`: the secondary holds an older, a newer revision, and no mark says that it is being replicated;
 * - `differing`: the same revision, another content; or a stored value that its own database contradicts (order, derived field, register);
 * - `unreadable`: a value is stored in a form that its kind does not have: another BSON type, another column type;
 * - `undeclared`: a field or a column that the definition does not know.
 */
export type FindingClass = "missing" | "extra" | "stale" | "ahead" | "differing" | "unreadable" | "undeclared";

/** Secrets, payloads, children and long values are shown as the beginning of their SHA-256; a value of a wrong BSON type names the type. */
export interface FindingPath {
  readonly path: string;
  readonly mongo: Json;
  readonly postgres: Json;
  /** What a derived field should hold, where both databases may be wrong alike. */
  readonly expected?: Json;
}

export interface Finding {
  readonly aggregate: string;
  /** Null where the table itself is meant; so is `id`. */
  readonly tenant: string | null;
  readonly id: string | null;
  readonly class: FindingClass;
  /** In the order of their bytes. Empty where a whole row is missing or extra. */
  readonly paths: readonly FindingPath[];
  readonly revisions: Both<string | null>;
  readonly generations: Both<string | null>;
}

export interface AggregateComparison {
  readonly aggregate: string;
  /** Rows and documents that the scan met. */
  readonly rows: Both<number>;
  /** No finding, and nothing lagging. */
  readonly equal: boolean;
  /** Keys that differ because their replication is pending, or that changed each time they were looked at. */
  readonly lagging: number;
  /** SHA-256 over the digests of the ranges; equal when the scan met equal content, so not under writes. */
  readonly digest: Both<string>;
  /** In the order of their keys. */
  readonly ranges: readonly RangeSeen[];
  /** Rows and documents that had to be read one by one; all others were equal by their digests. */
  readonly fetched: number;
  /** The first ones. */
  readonly findings: readonly Finding[];
  /** How many further ones were found. */
  readonly moreFindings: number;
}

/** What a comparison saw. Plain JSON: bigints as text, instants as ISO 8601. */
export interface Comparison {
  readonly module: string;
  readonly primary: Database;
  readonly epoch: string;
  readonly generation: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly toolVersion: string | null;
  /** Null: all tenants. */
  readonly tenant: string | null;
  /** Every aggregate is equal. */
  readonly equal: boolean;
  readonly aggregates: readonly AggregateComparison[];
  /** Which corruptions this check cannot detect. */
  readonly cannotSee: readonly string[];
}

/** All findings, also those above the limit: 0 is "empty both ways". */
export const findingsOf = ({ aggregates }: Comparison): number =>
  aggregates.reduce((sum, { findings, moreFindings }) => sum + findings.length + moreFindings, 0);
