import { byBytes, dataError, type Stored } from "@stellaops/kernel";
import type { QuietHours, quietHours } from "../aggregates.ts";
import { holds } from "./day-times.ts";
import { wallAt } from "./wall-clock.ts";

/** How many are read to see which of them hold: no database knows the zones as the other does. */
export const maxQuietHours = 1_000;

/** Those that hold at an instant, by id, then tenant. @throws `ACTIVE_TOO_MANY` (data) */
export function activeQuietHours(enabled: readonly Stored<typeof quietHours>[], at: Date) {
  if (enabled.length > maxQuietHours)
    throw dataError("ACTIVE_TOO_MANY", `more than ${maxQuietHours} quiet hours are enabled; join or disable some`);
  return enabled
    .filter((hours) => isQuiet(hours, at))
    .toSorted((a, b) => byBytes(a.id, b.id) || byBytes(a.tenantId, b.tenantId));
}

/** Whether a clock of the zone shows one of the hours. */
export const isQuiet = (hours: Pick<QuietHours, "days" | "fromMinute" | "toMinute" | "timezone">, at: Date): boolean =>
  holds(hours, wallAt(hours.timezone, at));
