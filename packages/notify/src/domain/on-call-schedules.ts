import { conflict, instantOf, normaliseKey, type DataLayerError } from "@stellaops/kernel";
import { onCallSchedules, type OnCallSchedule } from "../aggregates.ts";
import type { OverrideAddition } from "../repositories/on-call-schedules.ts";
import { layersOf, maxOverrides, overrideOf, overridesOf } from "./on-call-form.ts";
import { onCallAt, type OnCall } from "./on-call.ts";

/** @throws `VALUE_…`, `ON_CALL_INVALID` (data) */
export function cleanAddition({ scheduleId, userId, startsAt, endsAt, at }: OverrideAddition) {
  const { id, updatedAt } = normaliseKey(onCallSchedules, { id: scheduleId, updatedAt: at });
  const [from, to] = [instantOf(startsAt, "startsAt").toISOString(), instantOf(endsAt, "endsAt").toISOString()];
  normaliseKey(onCallSchedules, { name: userId });
  return { id, at: updatedAt, override: overrideOf({ userId, startsAt: from, endsAt: to }, "override") };
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
