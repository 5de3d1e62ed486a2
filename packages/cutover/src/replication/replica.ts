import type { Aggregate, DataLayerError, TenantId } from "@stellaops/kernel";
import type { FencePoint } from "../side.ts";

/** One key as a database holds it: what travels. A value that cannot be read carries the reason instead. */
export interface KeyState {
  readonly id: string;
  readonly generation: bigint;
  readonly revision: bigint;
  readonly deleted: boolean;
  /** The aggregate as the repositories give it; null when deleted or unreadable. */
  readonly value: object | null;
  readonly fault: DataLayerError | null;
}

/** Where a scan stands: the last key it has seen, in the order of (tenant, id). */
export interface Position {
  readonly tenant: string;
  readonly id: string;
}

export interface Scanned {
  readonly tenant: TenantId;
  readonly state: KeyState;
}

/** One aggregate of a tenant-blind count: what is still to be applied or was refused, and for how long the oldest of it. */
export interface AggregateLag {
  readonly aggregate: string;
  readonly pending: number;
  readonly parked: number;
  /** Milliseconds since the oldest pending key changed; null: none is pending, or it changed before that was kept. */
  readonly pendingMs: number | null;
  readonly parkedMs: number | null;
}

/** Keys after the first position (null: from the beginning) up to and with the last (null: to the end). */
export interface Range {
  readonly first: Position | null;
  readonly last: Position | null;
}

export interface Ranges {
  /** Keys in all, about. */
  readonly estimate: number;
  /** In order, without gaps, from null to null. */
  readonly ranges: readonly Range[];
}

export interface PurgeRequest {
  /** Of the single-database stage: the purge is a unit of work of it. */
  readonly epoch: bigint;
  readonly olderThanMs: number;
  /** Register entries to look at. */
  readonly limit: number;
  /** Where the last call ended; null: from the first. Opaque. */
  readonly after: unknown;
}

export interface Purged {
  readonly purged: number;
  /** Where to go on; null: all entries were looked at. */
  readonly next: unknown;
}

export interface Backlog {
  /** Keys still to be applied to the other database. */
  readonly pending: number;
  /** Keys that the other database refused. */
  readonly parked: number;
}

/** One key of an aggregate. */
export interface Key {
  readonly aggregate: string;
  readonly tenant: TenantId;
  readonly id: string;
}

/** A key that the other database does not have yet at this revision. */
export interface Pending extends Key {
  readonly revision: bigint;
}

/** A key that the other database has refused. */
export interface Parked extends Key {
  readonly reason: string;
}

/** What one transaction applies to: an aggregate of one tenant. */
export interface Home {
  readonly aggregate: Aggregate;
  readonly tenant: TenantId;
}

/**
 * One database of a module, as replication reads and writes it. States are read in one snapshot at majority concern, and applied through
 * the register: only what has a higher (generation, revision) than what is there.
 */
export interface Replica {
  /** The given keys, as far as they are in the register. One whose row contradicts its entry carries the fault, so that damage does not travel. */
  read(aggregate: Aggregate, tenant: TenantId, ids: readonly string[]): Promise<readonly KeyState[]>;
  /**
   * All of the states in one transaction, fenced under `generation`. Unique values may move between them. May be repeated.
   * @throws `APPLY_FENCED` (refused) when that generation is over; whatever the database refuses, and then nothing is applied
   */
  apply(aggregate: Aggregate, tenant: TenantId, states: readonly KeyState[], generation: bigint): Promise<void>;
  /** As `apply`, in bulk: for a role that sees all tenants. */
  fill(aggregate: Aggregate, tenant: TenantId, states: readonly KeyState[], generation: bigint): Promise<void>;
  /** Clears the pending marks, each only for exactly the generation and revision that was applied. */
  clear(aggregate: Aggregate, tenant: TenantId, states: readonly KeyState[]): Promise<void>;
  /** Sets a key aside with the reason, unless it has changed since: it blocks guards, and no caller. */
  park(aggregate: Aggregate, tenant: TenantId, state: KeyState, reason: string): Promise<void>;
  /** Parked keys are pending again, because what stood in their way may be gone; how many. */
  unpark(): Promise<number>;
  /** Some keys that are pending and not parked; of one tenant's aggregate, where one is given. */
  pending(limit: number, home?: Home): Promise<readonly Pending[]>;
  /** Keys that are parked, in their order; at most so many, of all tenants: needs a role that sees them all. */
  parked(limit: number): Promise<readonly Parked[]>;
  /** At or after the point, where one is given. */
  backlog(after?: FencePoint): Promise<Backlog>;
  /** The backlog by aggregate, with its age; aggregates without one are left out. */
  lag(): Promise<readonly AggregateLag[]>;
  /** Live keys after a position up to and with `last`, in the order of (tenant, id), for all tenants: needs a role that sees them all. */
  scan(
    aggregate: Aggregate,
    after: Position | null,
    limit: number,
    last?: Position | null,
  ): Promise<readonly Scanned[]>;
  /** Splits what is there into ranges of about `size` keys, by a sample: needs a role that sees all tenants. */
  ranges(aggregate: Aggregate, size: number): Promise<Ranges>;
  /** Deletes what no apply of this generation has touched, rows and register; how many rows. Older applies must be closed before. */
  sweep(aggregate: Aggregate, generation: bigint, signal?: AbortSignal): Promise<number>;
  /**
   * Deletes old tombstones, in one unit of work of the epoch. Older applies must be closed before, and this must be the only database.
   * @throws `FENCED` (transient) when the epoch is over
   */
  purge(request: PurgeRequest): Promise<Purged>;
}
