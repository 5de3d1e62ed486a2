import { vuln } from "@stellaops/vuln";

const [sources, sourceStates, feedSnapshots, advisories, kevFlags, mergeEvents] = vuln.aggregates;
export const definitions = { sources, sourceStates, feedSnapshots, advisories, kevFlags, mergeEvents };
export type Name = keyof typeof definitions;
