import type { Reader, Stored } from "@stellaops/kernel";
import type { Worker, workers } from "../aggregates.ts";

export interface Registration extends Pick<Worker, "id" | "workerId" | "host" | "version" | "capabilities"> {
  readonly at: Date;
}

export interface Heartbeat {
  readonly workerId: string;
  /** `draining`: it takes no new work. */
  readonly status: "active" | "draining";
  readonly at: Date;
}

export interface Expiry {
  /** Workers whose last heartbeat is older. */
  readonly before: Date;
  /** 1 to 1,000. */
  readonly limit: number;
  readonly at: Date;
}

/** Processes that do the work, by the name they give themselves. */
export interface Workers extends Reader<typeof workers> {
  /**
   * A worker that has just started: active, with a first heartbeat. One of that name is the same worker, started anew. Of several at once the last stays.
   * @throws `VALUE_…` (data), `REVISION_CONFLICT` (conflict) when the id is another worker's
   */
  register(registration: Registration): Promise<Stored<typeof workers>>;
  /** Null when the worker is not registered or was taken for dead: its work may be with another, and it has to register again. @throws `VALUE_…` (data) */
  heartbeat(heartbeat: Heartbeat): Promise<Stored<typeof workers> | null>;
  /** Takes those for dead that have been silent, the longest silent first; gives their names, in that order. Each is given to one of any number of callers. @throws `LIMIT_INVALID` */
  expire(expiry: Expiry): Promise<readonly string[]>;
}
