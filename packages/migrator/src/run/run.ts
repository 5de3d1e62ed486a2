import type { Logger } from "@stellaops/kernel";
import type pg from "pg";
import type { OnEvent } from "../events.ts";
import type { MigrationModule } from "../module.ts";

/** What one run carries with it: a session that holds the lock, and the limits it keeps. */
export interface Run {
  readonly client: pg.ClientBase;
  readonly module: MigrationModule;
  /** Undefined when the login itself acts. */
  readonly role: string | undefined;
  /** Of `performance.now()`; undefined without a limit. */
  readonly deadline: number | undefined;
  readonly batchRows: number;
  readonly onEvent: OnEvent;
  readonly log: Logger;
  readonly signal: AbortSignal | undefined;
}

export const remainingMs = ({ deadline }: Run): number | undefined =>
  deadline === undefined ? undefined : Math.max(1, Math.ceil(deadline - performance.now()));

/** How long a statement may queue for a lock, and others behind it; then the file is rolled back and tried again. */
export const lockTimeoutMs = 2_000;

/** How long files without a limit of their own are tried again when they meet contention. */
export const contentionMs = 60_000;
