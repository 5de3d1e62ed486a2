import { fileURLToPath } from "node:url";
import type { ModuleDefinition } from "@stellaops/kernel";
import {
  audit,
  executionLogs,
  graphJobs,
  impactSnapshots,
  locks,
  policyJobs,
  runs,
  runSummaries,
  schedules,
  triggers,
  workers,
} from "./aggregates.ts";

export const scheduler = {
  name: "scheduler",
  schema: "scheduler",
  migrations: fileURLToPath(new URL("../migrations/", import.meta.url)),
  aggregates: [
    schedules,
    triggers,
    runs,
    graphJobs,
    policyJobs,
    impactSnapshots,
    workers,
    executionLogs,
    locks,
    runSummaries,
    audit,
  ],
} as const satisfies ModuleDefinition;
