import { normaliseKey } from "@stellaops/kernel";
import { rules } from "../aggregates.ts";

/** A kind as rules hold it. @throws `VALUE_…` (data) */
export function cleanEventKind(kind: string): string {
  normaliseKey(rules, { eventKinds: [kind] });
  return kind;
}
