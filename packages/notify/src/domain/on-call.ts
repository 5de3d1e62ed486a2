import { holds, type DayTimes } from "./day-times.ts";
import { dayMs, minuteMs, reachedAt, wallAt } from "./wall-clock.ts";

/** People who take turns. */
export interface Layer {
  readonly name: string;
  /** In the order of their turns. */
  readonly users: readonly string[];
  /** The day of the first turn, `2026-03-02`; before it the layer has nobody. */
  readonly startsOn: string;
  /** At which minute of the day a turn passes on, 0 to 1,439. */
  readonly handoffMinute: number;
  /** How many days a turn lasts, 1 to 366. */
  readonly rotationDays: number;
  /** When somebody is on call; null: always. */
  readonly hours: DayTimes | null;
}

/** Somebody else, from an instant on and before another. */
export interface Override {
  readonly userId: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface OnCallSchedule {
  readonly timezone: string;
  readonly layers: readonly Layer[];
  readonly overrides: readonly Override[];
}

export interface OnCall {
  readonly userId: string;
  /** By which layer; null: by an override. */
  readonly layer: string | null;
}

/**
 * Who is on call: by the override that was added last of those that hold, else by the first layer that has somebody. A turn passes on once, when
 * the clock on the wall first reaches its time of the day, so that a turn that ends in the night of a change of clocks is an hour longer or
 * shorter; `hours` are what the clock shows.
 */
export function onCallAt({ timezone, layers, overrides }: OnCallSchedule, at: Date): OnCall | null {
  const instead = overrides.findLast(({ startsAt, endsAt }) => Date.parse(startsAt) <= +at && +at < Date.parse(endsAt));
  if (instead !== undefined) return { userId: instead.userId, layer: null };
  const [shown, reached] = [wallAt(timezone, at), reachedAt(timezone, at)];
  for (const layer of layers) {
    const turn = Math.floor(daysOf(layer, reached) / layer.rotationDays);
    const userId = layer.users[turn % layer.users.length];
    if (turn < 0 || userId === undefined) continue;
    if (layer.hours === null || holds(layer.hours, shown)) return { userId, layer: layer.name };
  }
  return null;
}

/** Whole days since the first turn began. */
const daysOf = ({ startsOn, handoffMinute }: Layer, reached: number): number =>
  Math.floor((reached - Date.parse(`${startsOn}T00:00:00Z`) - handoffMinute * minuteMs) / dayMs);
