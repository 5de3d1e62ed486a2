import { dataError, normalise, normaliseKey } from "@stellaops/kernel";
import { rules, type Rule } from "../aggregates.ts";
import { refuseNoIds } from "./channel-ids.ts";

/** @throws `VALUE_…` (data) */
export function cleanRule(rule: Rule): Rule {
  const clean = normalise(rules, rule);
  refuseNoIds(rules, clean.channelIds);
  if (clean.priority < 0 || clean.priority > 100)
    throw dataError("VALUE_OUT_OF_RANGE", "rule: priority is 0 to 100, the highest first", {
      details: { path: "priority" },
    });
  return clean;
}

/** A kind as rules hold it. @throws `VALUE_…` (data) */
export function cleanEventKind(kind: string): string {
  normaliseKey(rules, { eventKinds: [kind] });
  return kind;
}
