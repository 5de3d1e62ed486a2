import { fileURLToPath } from "node:url";
import type { ModuleDefinition } from "@stellaops/kernel";
import { audit, evaluationRuns, exceptions, explanations, packs, packVersions, riskProfiles } from "./aggregates.ts";

export const policy = {
  name: "policy",
  schema: "policy",
  migrations: fileURLToPath(new URL("../migrations/", import.meta.url)),
  aggregates: [packs, packVersions, riskProfiles, evaluationRuns, explanations, exceptions, audit],
} as const satisfies ModuleDefinition;
