import type { Ingested, Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { advisories, Advisory } from "../aggregates.ts";

/** A package by its purl, or by ecosystem and name. */
export type PackageRef = { readonly purl: string } | { readonly ecosystem: string; readonly package: string };

/**
 * Advisories: the tenant's own and the shared ones, which live beside each other under one key. Arguments follow the rules of the fields
 * they are compared with: what neither database could hold is refused (`VALUE_…`, data), also in reads.
 */
export interface Advisories extends Repository<typeof advisories> {
  /**
   * Writes what is new or whose content hash differs; equal hashes write nothing. What is there keeps its id and creation time.
   * One unit: all of the batch or nothing. At most 1,000 a batch.
   * @throws `BATCH_DUPLICATE` (two of one key or one id), `BATCH_TOO_LARGE`, `VALUE_…` (data), `REVISION_CONFLICT` (a new one under an id that is there)
   */
  ingestBatch(batch: readonly Advisory[]): Promise<Ingested>;
  /** The tenant's own advisory of that key, else the shared one, else null. */
  findByKey(advisoryKey: string): Promise<Stored<typeof advisories> | null>;
  /** By advisory key, then id. The scheme is matched exactly, in upper case as it is stored: CVE, GHSA, GO, …. */
  findByAlias(scheme: string, value: string, request?: PageRequest): Promise<Page<Stored<typeof advisories>>>;
  /** Those that list the package as affected, by advisory key, then id. */
  findByPackage(reference: PackageRef, request?: PageRequest): Promise<Page<Stored<typeof advisories>>>;
  /**
   * Those in whose key, title, summary, details or aliases every word of the text stands as a whole word (see `searchWords`), newest
   * `modifiedAt` first, then id descending. A text without words finds nothing.
   */
  search(text: string, request?: PageRequest): Promise<Page<Stored<typeof advisories>>>;
  /** Those modified at or after the instant, by `modifiedAt`, then id: for readers that follow a feed. */
  listModifiedSince(since: Date, request?: PageRequest): Promise<Page<Stored<typeof advisories>>>;
  /** Marks the tenant's own as withdrawn. False when it already was or is not there. */
  withdraw(advisoryKey: string, at: Date): Promise<boolean>;
  /** How many are visible. */
  count(): Promise<bigint>;
}
