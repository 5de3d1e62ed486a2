import { dataError } from "@stellaops/kernel";
import { dayMs, minuteMs, type Wall } from "./wall-clock.ts";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Some hours of some days of the week, of the clock on the wall. */
export interface DayTimes {
  /** On which they begin. */
  readonly days: readonly string[];
  /** 0 to 1,439. */
  readonly fromMinute: number;
  /** 0 to 1,440, and not in it. Where it comes before `fromMinute`, it is of the day after. */
  readonly toMinute: number;
}

/** @throws `DAY_TIMES` (data), naming what is wrong */
export function refuseNoDayTimes({ days, fromMinute, toMinute }: DayTimes, path = ""): void {
  if (days.length === 0 || days.some((day) => !weekdays.some((known) => known === day)))
    throw refusal(`${path}days`, `holds one or more of ${weekdays.join(", ")}`);
  if (!isMinute(fromMinute, 1_439)) throw refusal(`${path}fromMinute`, "is a minute of the day, 0 to 1439");
  if (!isMinute(toMinute, 1_440)) throw refusal(`${path}toMinute`, "is a minute of the day, 0 to 1440");
  if (fromMinute === toMinute)
    throw refusal(`${path}toMinute`, "differs from fromMinute; a whole day is from 0 to 1440");
}

/** Whether what the clock shows is among them. A time that is shown twice is so both times. */
export function holds({ days, fromMinute, toMinute }: DayTimes, wall: Wall): boolean {
  const day = Math.floor(wall / dayMs);
  const minute = Math.floor((wall - day * dayMs) / minuteMs);
  const begins = days.includes(weekdayOf(day));
  if (fromMinute < toMinute) return begins && minute >= fromMinute && minute < toMinute;
  return (begins && minute >= fromMinute) || (days.includes(weekdayOf(day - 1)) && minute < toMinute);
}

/** 1970 began on a Thursday. */
const weekdayOf = (day: number): string => weekdays[(((day + 3) % 7) + 7) % 7] ?? "";

const isMinute = (value: unknown, max: number): boolean =>
  Number.isInteger(value) && Number(value) >= 0 && Number(value) <= max;

const refusal = (path: string, what: string) => dataError("DAY_TIMES", `${path} ${what}`, { details: { path } });
