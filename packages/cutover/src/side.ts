import type { Timestamp } from "mongodb";
import type { Copies, StageRecord } from "./record.ts";
import type { InstanceTable } from "./stage/instance.ts";
import type { StageSignals } from "./stage/signals.ts";
import type { Database } from "./stages.ts";
import { within } from "./within.ts";

/** One database as the cutover sees it; PostgreSQL and MongoDB each have one, built of the same files. */
export interface Side {
  readonly database: Database;
  readonly records: StageRecords;
  readonly fence: Fence;
  readonly leases: LeaseTable;
  readonly instances: InstanceTable;
  readonly signals: StageSignals;
}

export type Sides = { readonly [D in Database]: Side };

/** This database's copy of the stage record. */
export interface StageRecords {
  read(): Promise<StageRecord | null>;
  /**
   * Replaces the copy only while it is at the state and epoch of `from` (null: only while there is none). False when it was
   * not. Durable when true; a lost connection leaves it open whether it happened, and the copy tells.
   */
  compareAndSet(from: StageRecord | null, to: StageRecord): Promise<boolean>;
}

export interface Fence {
  /** Lets units of this epoch in. Does nothing when the epoch is open, or was closed: an epoch opens once. */
  open(epoch: bigint): Promise<void>;
  /**
   * Shuts this epoch for ever, also one that was never opened, and waits for its units in flight.
   * @throws `STAGE_FENCE_BUSY` (transient) when a unit holds the door longer than `deadlineMs`; nobody can enter all the same
   * once the record is `moving`, and the next try goes on from there.
   */
  close(epoch: bigint, deadlineMs: number): Promise<FencePoint>;
  /**
   * Refuses applies of every generation under `below` at this database for ever, and waits for those in flight.
   * `generations` are the record's: all that ever replicated. 90,000 ms when no deadline is given: no caller waits for this.
   */
  closeApplies(below: bigint, generations: readonly bigint[], deadlineMs?: number): Promise<void>;
  /** Ends what dead or sleeping processes hold open here, where the server does not do so soon by itself: it stands in the way of writers of its keys. */
  release(epoch: bigint): Promise<void>;
  /** Removes what units and applies left behind that have ended; it changes nothing about who may enter. */
  tidy(epoch: bigint, generation: bigint): Promise<void>;
}

export const closeAppliesMs = 90_000;

/** MongoDB: the operation time at or after which a majority read sees every unit of the closed epoch. PostgreSQL needs none. */
export type FencePoint = Timestamp | null;

export interface LeaseRequest {
  readonly instance: string;
  readonly epoch: bigint;
  readonly milliseconds: number;
}

export interface Lease {
  readonly instance: string;
  readonly epoch: bigint;
  readonly until: Date;
  /** What is left of it by this database's clock; milliseconds, below 0 within the margin. */
  readonly leftMs: number;
}

/** Leases to read from this database without entering the fence. */
export interface LeaseTable {
  /** Grants or renews. @throws `FENCED` (transient) unless the record here is settled at that epoch. */
  grant(request: LeaseRequest): Promise<void>;
  /** Gives the lease back, once no answer obtained under it will count any more. */
  acknowledge(instance: string): Promise<void>;
  /** Leases of this epoch or older that may still be believed in, `marginMs` being how far clocks may run apart meanwhile. */
  outstanding(epoch: bigint, marginMs: number): Promise<readonly Lease[]>;
}

const answerMs = 2_000;

/** One copy; a database that hangs is as one that cannot be reached. */
export const readCopy = (side: Side, milliseconds: number = answerMs): Promise<StageRecord | null> =>
  within(milliseconds, side.records.read());

/** Both copies, each read by itself: a database that does not answer leaves its copy undefined. */
export async function readCopies(sides: Sides): Promise<Copies> {
  const [mongo, postgres] = await Promise.allSettled([readCopy(sides.mongo), readCopy(sides.postgres)]);
  return {
    mongo: mongo.status === "fulfilled" ? mongo.value : undefined,
    postgres: postgres.status === "fulfilled" ? postgres.value : undefined,
  };
}
