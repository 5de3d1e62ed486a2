import { dataError, refuseNoZone } from "@stellaops/kernel";
import { Cron } from "croner";

/** When something fires: a cron expression, read in the local time of a zone. */
export interface Timetable {
  /** Five fields (minute, hour, day of month, month, day of week), or six that begin with seconds. */
  readonly cron: string;
  /** An IANA name: `Europe/Berlin`, `UTC`. */
  readonly timezone: string;
}

/**
 * The first fire time after an instant, or null when there is none: croner looks no further than the year 2999, so a timetable ends there, and an instant
 * from the year 3000 on has none after it. Daylight saving time is croner's, which is Vixie cron's:
 *
 * - A job with one second, one minute and one hour (`30 2 * * *`) fires once a day: at the first of two equal local times, and where its time is
 *   skipped, at the first instant after the gap that is of the same day. A day that is skipped whole fires nothing.
 * - Any other job (with a wildcard, step, range or list among them) fires at every instant whose local time matches: twice where the hour comes
 *   twice, and not at all for times that are skipped.
 *
 * A range or list of one value (`2-2`, `2,2`) is that one value, so `30 2-2 * * *` is of the first kind. A step is not, whatever
 * it comes to: a wildcard by 24 in the hours is 0 and yet of the second kind, and one by 1 in the minutes of hour 2 fires nothing on a day that
 * skips that hour, neither in the gap nor after it.
 */
export const nextFire = (timetable: Timetable, after: Date): Date | null => cronOf(timetable).nextRun(after);

/** The last fire time before an instant, or null when there is none. */
export const lastFire = (timetable: Timetable, before: Date): Date | null =>
  cronOf(timetable).previousRuns(1, before)[0] ?? null;

/** Fire times after an instant, in order, for as long as there are any. */
export function* firesAfter(timetable: Timetable, after: Date): Generator<Date, void> {
  const cron = cronOf(timetable);
  for (let at = cron.nextRun(after); at !== null; at = cron.nextRun(at)) yield at;
}

/**
 * A timetable that can be followed; it may still have no fire time left (`0 0 30 2 *`).
 * @throws `CRON_INVALID`, `TIMEZONE_UNKNOWN` (data)
 */
export function checkTimetable(timetable: Timetable): void {
  const { cron, timezone } = timetable;
  // The library would take a date, a nickname or a year too, and no zone for this machine's.
  const fields = cron.trim().split(/\s+/).length;
  if (fields !== 5 && fields !== 6)
    throw dataError(
      "CRON_INVALID",
      `a cron expression has five fields, or six that begin with seconds; this has ${fields}`,
      {
        details: { path: "cron" },
      },
    );
  refuseNoZone(timezone);
  try {
    cronOf(timetable);
  } catch (cause) {
    throw dataError("CRON_INVALID", `this cron expression cannot be read: ${String(cause)}`, {
      details: { path: "cron" },
      cause,
    });
  }
}

const cronOf = ({ cron, timezone }: Timetable): Cron =>
  new Cron(cron, { timezone, paused: true, mode: "5-or-6-parts", fixedTimeRule: "single-value" });
