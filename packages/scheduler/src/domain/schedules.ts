import { dataError, normalise } from "@stellaops/kernel";
import { schedules, type Schedule } from "../aggregates.ts";
import { checkTimetable } from "./next-fire.ts";

/** A schedule that can be followed. @throws `CRON_INVALID`, `TIMEZONE_UNKNOWN`, `VALUE_…` (data) */
export function followable(schedule: Schedule): Schedule {
  const clean = normalise(schedules, schedule);
  checkTimetable(clean);
  if (clean.misfireGraceSeconds < 0)
    throw dataError("VALUE_OUT_OF_RANGE", "schedule: misfireGraceSeconds is 0 or more", {
      details: { path: "misfireGraceSeconds" },
    });
  return clean;
}
