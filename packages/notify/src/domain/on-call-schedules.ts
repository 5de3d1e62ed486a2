import {
  conflict,
  dataError,
  instant,
  normalise,
  normaliseKey,
  refuseNoZone,
  type DataLayerError,
} from "@stellaops/kernel";
import { onCallSchedules, type OnCallSchedule } from "../aggregates.ts";
import type { OverrideAddition } from "../repositories/on-call-schedules.ts";
import { layersOf, maxOverrides, overrideOf, overridesOf } from "./on-call-form.ts";
import { onCallAt, type OnCall } from "./on-call.ts";

/** @throws `VALUE_…`, `TIMEZONE_UNKNOWN`, `ON_CALL_INVALID`, `DAY_TIMES` (data) */
export function cleanOnCallSchedule(schedule: OnCallSchedule): OnCallSchedule {
  const clean = normalise(onCallSchedules, schedule);
  refuseNoZone(clean.timezone);
  layersOf(clean.layers);
  overridesOf(clean.overrides);
  return clean;
}

/** @throws `VALUE_…`, `ON_CALL_INVALID` (data) */
export function cleanAddition({ scheduleId, userId, startsAt, endsAt, at }: OverrideAddition) {
  const { id, updatedAt } = normaliseKey(onCallSchedules, { id: scheduleId, updatedAt: at });
  const [from, to] = [isoOf(startsAt, "startsAt"), isoOf(endsAt, "endsAt")];
  normaliseKey(onCallSchedules, { name: userId });
  return { id, at: updatedAt, override: overrideOf({ userId, startsAt: from, endsAt: to }, "override") };
}

const { schema } = instant();
function isoOf(value: Date, path: string): string {
  const { data, error } = schema.safeParse(value);
  if (data !== undefined) return data.toISOString();
  throw dataError(error?.issues[0]?.message ?? "VALUE_DATE", `${path} is no date of the years 1 to 9999`, {
    details: { path },
  });
}

/** @throws `VALUE_…` (data) */
export const cleanAsked = (scheduleId: string, at: Date) =>
  normaliseKey(onCallSchedules, { id: scheduleId, updatedAt: at });

export const nowOnCall = ({ timezone, layers, overrides }: OnCallSchedule, at: Date): OnCall | null =>
  onCallAt({ timezone, layers: layersOf(layers), overrides: overridesOf(overrides) }, at);

export const tooManyOverrides = (id: string): DataLayerError =>
  conflict(
    "OVERRIDES_TOO_MANY",
    `on-call schedule ${id} has ${maxOverrides} overrides; put it with those that are over left out`,
    { details: { scheduleId: id } },
  );
