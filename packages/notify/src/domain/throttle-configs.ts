import { dataError, normalise, normaliseKey } from "@stellaops/kernel";
import { throttleConfigs, type ThrottleConfig } from "../aggregates.ts";
import type { Consumed, Consumption, ThrottleLimit } from "../repositories/throttle-configs.ts";
import { throttle } from "./throttle-windows.ts";

const maxWindowSeconds = 31_536_000;

/** @throws `VALUE_…` (data) */
export function limitedBy({ at, ...limit }: ThrottleLimit): ThrottleConfig {
  const clean = normalise(throttleConfigs, { ...limit, windowStart: null, events: 0n, createdAt: at, updatedAt: at });
  if (clean.windowSeconds < 1 || clean.windowSeconds > maxWindowSeconds)
    throw outOfRange("windowSeconds", `1 to ${maxWindowSeconds}`);
  if (clean.maxEvents < 0n) throw outOfRange("maxEvents", "0 or more");
  return clean;
}

/** What has passed stays counted. */
export const relimited = ({ scopeKind, scopeId, windowSeconds, maxEvents, updatedAt }: ThrottleConfig) => ({
  where: { scopeKind, scopeId },
  set: { windowSeconds, maxEvents, updatedAt },
});

/** @throws `VALUE_…` (data) */
export function cleanConsumption({ n, at, ...scope }: Consumption): Consumption {
  const { events, updatedAt, ...clean } = normaliseKey(throttleConfigs, { ...scope, events: n, updatedAt: at });
  if (events < 1n) throw outOfRange("n", "1 or more");
  return { ...clean, n: events, at: updatedAt };
}

const state = (config: ThrottleConfig, at: Date) => ({ ...config, windowStart: config.windowStart ?? at });

/** Whether so many more events would pass at `at`. */
export const hasRoom = (config: ThrottleConfig, n: bigint, at: Date): boolean =>
  throttle(state(config, at), n, at).allowed;

/** What is left of the current window at `at`. */
export function consumed(allowed: boolean, config: ThrottleConfig, at: Date): Consumed {
  const { left, resetsAt } = throttle(state(config, at), 0n, at);
  return { allowed, left, resetsAt };
}

const outOfRange = (path: string, range: string) =>
  dataError("VALUE_OUT_OF_RANGE", `throttle_config: ${path} is ${range}`, { details: { path } });
