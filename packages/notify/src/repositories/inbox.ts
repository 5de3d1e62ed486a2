import type { Page, PageRequest, Repository, Stored } from "@stellaops/kernel";
import type { inbox } from "../aggregates.ts";

export interface ReadAll {
  readonly userId: string;
  /** 1 to 1,000. */
  readonly limit: number;
  readonly at: Date;
}

/** What users find in the console. Messages to a user are read and archived once, and stay until they are deleted. */
export interface Inbox extends Repository<typeof inbox> {
  /** What is not archived, newest first, then id descending. */
  listForUser(userId: string, request?: PageRequest): Promise<Page<Stored<typeof inbox>>>;
  /** How many are neither read nor archived; shared ones, which nobody can mark, count for ever. */
  unreadCount(userId: string): Promise<bigint>;
  /** Null when it is read already, or is not there. @throws `VALUE_…` (data) */
  markRead(id: string, at: Date): Promise<Stored<typeof inbox> | null>;
  /** Marks what is neither read nor archived, the oldest ids first; answers how many, of concurrent callers each its own. Call it until it answers 0. @throws `LIMIT_INVALID`, `VALUE_…` (data) */
  markAllRead(all: ReadAll): Promise<number>;
  /** Read or not. Null when it is archived already, or is not there. @throws `VALUE_…` (data) */
  archive(id: string, at: Date): Promise<Stored<typeof inbox> | null>;
}
