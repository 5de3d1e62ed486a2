import type { Reader, Repository, Stored } from "@stellaops/kernel";
import type { ThrottleConfig, throttleConfigs } from "../aggregates.ts";

export interface ThrottleLimit extends Pick<
  ThrottleConfig,
  "id" | "scopeKind" | "scopeId" | "windowSeconds" | "maxEvents"
> {
  readonly at: Date;
}

export interface Consumption extends Pick<ThrottleConfig, "scopeKind" | "scopeId"> {
  /** 1 or more. */
  readonly n: bigint;
  readonly at: Date;
}

export interface Consumed {
  readonly allowed: boolean;
  /** How many more the current window takes. */
  readonly left: bigint;
  /** When the next window begins. */
  readonly resetsAt: Date;
}

/** How much may pass in a window; one limit a scope. */
export interface ThrottleConfigs
  extends Reader<typeof throttleConfigs>, Pick<Repository<typeof throttleConfigs>, "delete"> {
  /**
   * Sets the limit of a scope, and makes it where there is none. What has passed in the current window stays counted. Of several at once the last
   * stays. A window is 1 second to a year; a limit of 0 lets nothing pass.
   * @throws `VALUE_…`, among them `VALUE_OUT_OF_RANGE` (data), `REVISION_CONFLICT` (conflict) when the id is another limit's
   */
  configure(limit: ThrottleLimit): Promise<Stored<typeof throttleConfigs>>;
  /**
   * Lets `n` events pass, all or none: of any number of concurrent callers no more than the limit in a window. The first window begins with the first
   * event, and windows lie next to each other from then on; an event of before the current window counts in it. Null where the tenant has no limit of
   * its own for the scope: nothing is held back. @throws `VALUE_…` (data)
   */
  tryConsume(consumption: Consumption): Promise<Consumed | null>;
  /** The tenant's own of that scope, else the shared one, else null. */
  findByScope(scopeKind: ThrottleConfig["scopeKind"], scopeId: string): Promise<Stored<typeof throttleConfigs> | null>;
}
