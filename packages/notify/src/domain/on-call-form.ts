import { dataError } from "@stellaops/kernel";
import { refuseNoDayTimes, type DayTimes } from "./day-times.ts";
import type { Layer, Override } from "./on-call.ts";

const maxLayers = 50;
const maxUsers = 200;
/** Those that are over stay: they say who it was. */
export const maxOverrides = 1_000;

/** The layers of a schedule. @throws `ON_CALL_INVALID`, `DAY_TIMES` (data) */
export function layersOf(layers: unknown): readonly Layer[] {
  return listOf("layers", layers, maxLayers).map((layer, i) => layerOf(layer, `layers.${i}`));
}

/** The overrides of a schedule, in the order in which they were added. @throws `ON_CALL_INVALID` (data) */
export function overridesOf(overrides: unknown): readonly Override[] {
  return listOf("overrides", overrides, maxOverrides).map((override, i) => overrideOf(override, `overrides.${i}`));
}

export function overrideOf(given: unknown, path: string): Override {
  const { userId, startsAt, endsAt } = membersOf(given, path, ["userId", "startsAt", "endsAt"]);
  refuseUnless(isName(userId), `${path}.userId`, "is a text of 1 to 200 characters");
  refuseUnless(isInstant(startsAt), `${path}.startsAt`, "is an instant such as 2026-03-01T09:00:00.000Z");
  refuseUnless(isInstant(endsAt) && endsAt > startsAt, `${path}.endsAt`, "is an instant after startsAt");
  return { userId, startsAt, endsAt };
}

function layerOf(given: unknown, path: string): Layer {
  const known = ["name", "users", "startsOn", "handoffMinute", "rotationDays", "hours"] as const;
  const { name, users, startsOn, handoffMinute, rotationDays, hours } = membersOf(given, path, known);
  refuseUnless(isName(name), `${path}.name`, "is a text of 1 to 200 characters");
  const people = listOf(`${path}.users`, users, maxUsers);
  refuseUnless(people.length > 0 && people.every(isName), `${path}.users`, "names at least one user");
  refuseUnless(isDay(startsOn), `${path}.startsOn`, "is a day such as 2026-03-01");
  refuseUnless(isWhole(handoffMinute, 0, 1_439), `${path}.handoffMinute`, "is a minute of the day, 0 to 1439");
  refuseUnless(isWhole(rotationDays, 1, 366), `${path}.rotationDays`, "is a whole number from 1 to 366");
  return { name, users: people, startsOn, handoffMinute, rotationDays, hours: hoursOf(hours, `${path}.hours`) };
}

function hoursOf(given: unknown, path: string): DayTimes | null {
  if (given === null || given === undefined) return null;
  const { days, fromMinute, toMinute } = membersOf(given, path, ["days", "fromMinute", "toMinute"]);
  const times = { days: listOf(`${path}.days`, days, 7), fromMinute, toMinute } as DayTimes;
  refuseNoDayTimes(times, `${path}.`);
  return times;
}

/** Those members of an object, which has no others. */
function membersOf<K extends string>(given: unknown, path: string, names: readonly K[]): Readonly<Record<K, unknown>> {
  refuseUnless(isObject(given), path, "is an object");
  const more = Object.keys(given).some((name) => !names.some((known) => known === name));
  refuseUnless(!more, path, `holds ${names.join(", ")}, and no more`);
  return Object.fromEntries(names.map((name) => [name, given[name]])) as Record<K, unknown>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function listOf(path: string, given: unknown, max: number): readonly unknown[] {
  refuseUnless(Array.isArray(given) && given.length <= max, path, `is a list of at most ${max}`);
  return given;
}

const isName = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && [...value].length <= 200;
const isInstant = (value: unknown): value is string =>
  typeof value === "string" && value.length === 24 && isoOf(value) === value;
const isDay = (value: unknown): value is string =>
  typeof value === "string" && value.length === 10 && isoOf(`${value}T00:00:00.000Z`) === `${value}T00:00:00.000Z`;
const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max;

/** The one form of an instant of the years 0 to 9999, or nothing. */
const isoOf = (text: string): string | null => {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
};

function refuseUnless(holds: boolean, path: string, what: string): asserts holds {
  if (!holds) throw dataError("ON_CALL_INVALID", `on_call_schedule: ${path} ${what}`, { details: { path } });
}
