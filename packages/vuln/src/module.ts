import { fileURLToPath } from "node:url";
import type { ModuleDefinition } from "@stellaops/kernel";
import { advisories, feedSnapshots, kevFlags, mergeEvents, sources, sourceStates } from "./aggregates.ts";

export const vuln = {
  name: "vuln",
  schema: "vuln",
  migrations: fileURLToPath(new URL("../migrations/", import.meta.url)),
  aggregates: [sources, sourceStates, feedSnapshots, advisories, kevFlags, mergeEvents],
} as const satisfies ModuleDefinition;
