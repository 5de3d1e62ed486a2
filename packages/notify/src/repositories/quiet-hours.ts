import type { Repository, Stored } from "@stellaops/kernel";
import type { quietHours } from "../aggregates.ts";

/** When nobody is disturbed, by what the clocks of a zone show. */
export interface QuietHoursRules extends Repository<typeof quietHours> {
  /** As every `put`. @throws also `TIMEZONE_UNKNOWN`, `DAY_TIMES`, `VALUE_ID` (data) */
  put: Repository<typeof quietHours>["put"];
  /**
   * Enabled ones in whose hours an instant lies: own and shared, by id, then tenant. A time that clocks show twice is in them both times.
   * @throws `ACTIVE_TOO_MANY` (data) where more than 1,000 are enabled
   */
  listActive(at: Date): Promise<readonly Stored<typeof quietHours>[]>;
}
