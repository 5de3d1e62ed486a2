import { IANAZone } from "luxon";

/** What a clock on the wall shows, as milliseconds since 1970 of a calendar without zones. */
export type Wall = number;

export const minuteMs = 60_000;
export const dayMs = 86_400_000;

/** What the clocks of a zone show at an instant. In an overlap they show one time twice, and in a gap they show none of its times. */
export function wallAt(timezone: string, at: Date): Wall {
  return wallOf(IANAZone.create(timezone), at.getTime());
}

/** Longer than clocks were ever put back. */
const overlapMs = 26 * 60 * minuteMs;

/**
 * The latest time that the clocks of a zone have shown up to an instant: in an overlap it stands still until they are past it again. What
 * happens once at a time of the day happens when this passes it: at the first of two, and after a gap that skips it.
 */
export function reachedAt(timezone: string, at: Date): Wall {
  const zone = IANAZone.create(timezone);
  const now = at.getTime();
  const offset = zone.offset(now);
  let before = now - overlapMs;
  if (zone.offset(before) <= offset) return wallOf(zone, now);
  let after = now;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zone.offset(middle) > offset) before = middle;
    else after = middle;
  }
  // The last millisecond before they were put back.
  return Math.max(wallOf(zone, before), wallOf(zone, now));
}

/** Offsets of times long ago have seconds. */
const wallOf = (zone: IANAZone, at: number): Wall => at + Math.round(zone.offset(at) * minuteMs);
