import { dataError, isId, refuseNoZone } from "@stellaops/kernel";
import { refuseNoDayTimes, type DayTimes } from "./day-times.ts";
import { refuseSecretEndpoint } from "./endpoints.ts";
import { layersOf, overridesOf } from "./on-call-form.ts";
import { refuseNoSecretRef } from "./secret-refs.ts";

// What no field of an aggregate can tell alone: a definition names its own, and every whole write and every adoption asks it.

/** A channel names its secret and holds none. @throws `SECRET_IN_ENDPOINT`, `SECRET_REF_INVALID` (data) */
export function refuseSecrets({ endpoint, secretRef }: { endpoint: string | null; secretRef: string | null }): void {
  if (endpoint !== null) refuseSecretEndpoint(endpoint);
  if (secretRef !== null) refuseNoSecretRef(secretRef);
}

/** @throws `VALUE_ID`, `VALUE_OUT_OF_RANGE` (data) */
export function refuseRule({ priority, channelIds }: { priority: number; channelIds: readonly string[] }): void {
  refuseNoIds("rule", channelIds);
  if (priority < 0 || priority > 100)
    throw dataError("VALUE_OUT_OF_RANGE", "rule: priority is 0 to 100, the highest first", {
      details: { path: "priority" },
    });
}

/** @throws `WINDOW_EMPTY` (data) */
export function refuseEmptyWindow({ startsAt, endsAt }: { startsAt: Date; endsAt: Date }): void {
  if (endsAt <= startsAt)
    throw dataError("WINDOW_EMPTY", "maintenance_window: endsAt is after startsAt", { details: { path: "endsAt" } });
}

interface QuietTimes extends DayTimes {
  readonly timezone: string;
  readonly channelIds: readonly string[];
}

/** @throws `TIMEZONE_UNKNOWN`, `DAY_TIMES`, `VALUE_ID` (data) */
export function refuseQuietHours({ timezone, channelIds, ...times }: QuietTimes): void {
  refuseNoZone(timezone);
  refuseNoDayTimes(times);
  refuseNoIds("quiet_hours", channelIds);
}

interface OnCallForm {
  readonly timezone: string;
  readonly layers: unknown;
  readonly overrides: unknown;
}

/** @throws `TIMEZONE_UNKNOWN`, `ON_CALL_INVALID`, `DAY_TIMES` (data) */
export function refuseOnCall({ timezone, layers, overrides }: OnCallForm): void {
  refuseNoZone(timezone);
  layersOf(layers);
  overridesOf(overrides);
}

function refuseNoIds(one: string, channelIds: readonly string[]): void {
  const wrong = channelIds.findIndex((id) => !isId(id));
  if (wrong < 0) return;
  const path = `channelIds.${wrong}`;
  throw dataError("VALUE_ID", `${one}: ${path} is no UUID in lower case`, { details: { path } });
}
