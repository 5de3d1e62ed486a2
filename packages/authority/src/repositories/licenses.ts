import type { Repository, Stored } from "@stellaops/kernel";
import type { licenses } from "../aggregates.ts";

export interface Consumption {
  readonly licenseKey: string;
  readonly metric: string;
  /** Whatever names it: see `periodOf`. What is used is counted for each by itself. */
  readonly period: string;
  /** From 1. */
  readonly n: bigint;
  readonly at: Date;
}

export interface Consumed {
  /** With this consumption. */
  readonly used: bigint;
  readonly left: bigint;
}

/** Licenses and what of them is used. */
export interface Licenses extends Repository<typeof licenses> {
  /** The tenant's own license of that key, else the shared one, else null. */
  findByKey(licenseKey: string): Promise<Stored<typeof licenses> | null>;
  /**
   * Takes `n` of a metric for a period, all of it or nothing: however many do at once, the limit is never passed.
   * @throws `LICENSE_EXHAUSTED` (conflict; `details.left` says how much there is), `LICENSE_METRIC` (conflict: not licensed),
   * `LICENSE_INACTIVE`, `LICENSE_OUTSIDE` (conflict), `LICENSE_MISSING` (not-found: the tenant has none of its own), `CONSUME_INVALID` (data)
   */
  consume(consumption: Consumption): Promise<Consumed>;
}
