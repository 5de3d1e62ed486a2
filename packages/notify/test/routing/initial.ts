import type { Pair, Step } from "../steps.ts";
import {
  channel,
  escalationPolicy,
  maintenance,
  onCallSchedule,
  operatorOverride,
  quietTime,
  rule,
  template,
} from "./samples.ts";

/** Of each that says to whom and when one under an id and a key. */
export const routingSteps = ({ id, key }: Pair): readonly Step[] => [
  ["channels.put", channel({ id, name: key }), 0n],
  ["rules.put", rule({ id, name: key, eventKinds: [key], channelIds: [id] }), 0n],
  ["templates.put", template({ id, key, locale: "en-US" }), 0n],
  ["quietHours.put", quietTime({ id }), 0n],
  ["maintenanceWindows.put", maintenance({ id, name: key }), 0n],
  ["escalationPolicies.put", escalationPolicy({ id, name: key }), 0n],
  ["onCallSchedules.put", onCallSchedule({ id, name: key }), 0n],
  ["operatorOverrides.put", operatorOverride({ id }), 0n],
];
