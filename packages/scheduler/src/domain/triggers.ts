import { dataError, instantOf, unclaimed } from "@stellaops/kernel";
import type { Trigger } from "../aggregates.ts";
import type { Arming } from "../repositories/triggers.ts";
import type { Firing } from "./firing.ts";

export const armedTrigger = ({ id, scheduleId, nextFireAt, at }: Arming): Trigger => ({
  id,
  scheduleId,
  nextFireAt,
  lastFireAt: null,
  misfires: 0n,
  attempts: 0n,
  ...unclaimed,
  createdAt: at,
  updatedAt: at,
});

export const rearmed = ({ scheduleId, nextFireAt, at }: Arming) => ({
  where: { scheduleId },
  set: { nextFireAt, ...unclaimed, updatedAt: at },
});

/** What a firing leaves on its trigger. @throws `VALUE_…` (data) */
export function advanced(firing: Firing) {
  const { fires, misfires, next } = cleanFiring(firing);
  const last = fires.at(-1);
  return { set: { nextFireAt: next, ...(last === undefined ? {} : { lastFireAt: last }) }, add: { misfires } };
}

/** It comes from the caller, who need not have it from `firingOf`. */
function cleanFiring(firing: Firing | null | undefined): Firing {
  const wrong = (code: string, path: string, what: string) =>
    dataError(code, `trigger: of a firing ${path} is ${what}`, { details: { path } });
  if (!Array.isArray(firing?.fires)) throw wrong("VALUE_INVALID", "fires", "a list of dates");
  firing.fires.forEach((fire: Date, i) => instantOf(fire, `fires.${i}`));
  if (typeof firing.misfires !== "bigint") throw wrong("VALUE_INVALID", "misfires", "a bigint");
  if (firing.misfires < 0n) throw wrong("VALUE_OUT_OF_RANGE", "misfires", "0 or more");
  if (firing.next !== null) instantOf(firing.next, "next");
  return firing;
}
