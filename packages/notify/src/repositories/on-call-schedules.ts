import type { Repository, Stored } from "@stellaops/kernel";
import type { onCallSchedules } from "../aggregates.ts";
import type { OnCall } from "../domain/on-call.ts";

/** Somebody else is on call, from `startsAt` on and before `endsAt`. */
export interface OverrideAddition {
  readonly scheduleId: string;
  readonly userId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly at: Date;
}

/** Who is on call when. */
export interface OnCallSchedules extends Repository<typeof onCallSchedules> {
  /** As every `put`. @throws also `TIMEZONE_UNKNOWN`, `ON_CALL_INVALID`, `DAY_TIMES` (data) */
  put: Repository<typeof onCallSchedules>["put"];
  /** Who is on call at an instant by the tenant's own schedule, else the shared one; null: nobody, or there is no such schedule. */
  onCallAt(scheduleId: string, at: Date): Promise<OnCall | null>;
  /**
   * Adds one after those of the tenant's own schedule that are there, and so before them in force; null where it has no such schedule. Of
   * several at once none is lost.
   * @throws `ON_CALL_INVALID`, `VALUE_…` (data), `OVERRIDES_TOO_MANY` (conflict) above 1,000
   */
  addOverride(addition: OverrideAddition): Promise<Stored<typeof onCallSchedules> | null>;
}
