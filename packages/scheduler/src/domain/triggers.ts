import type { Trigger } from "../aggregates.ts";
import type { Arming } from "../repositories/triggers.ts";
import type { Firing } from "./firing.ts";
import { unclaimed } from "./leases.ts";

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

/** What a firing leaves on its trigger. */
export function advanced({ fires, misfires, next }: Firing) {
  const last = fires.at(-1);
  return { set: { nextFireAt: next, ...(last === undefined ? {} : { lastFireAt: last }) }, add: { misfires } };
}
