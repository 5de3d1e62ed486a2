import { PostgresSchedulerAudit } from "./audit.ts";
import { PostgresSchedulerDueWork } from "./due-work.ts";
import { PostgresExecutionLogs } from "./execution-logs.ts";
import { PostgresGraphJobs } from "./graph-jobs.ts";
import { PostgresImpactSnapshots } from "./impact-snapshots.ts";
import { PostgresSchedulerLocks } from "./locks.ts";
import { PostgresPolicyJobs } from "./policy-jobs.ts";
import { PostgresRunSummaries } from "./run-summaries.ts";
import { PostgresRuns } from "./runs.ts";
import { PostgresSchedules } from "./schedules.ts";
import { PostgresTriggers } from "./triggers.ts";
import { PostgresWorkers } from "./workers.ts";

export const repositories = {
  schedules: PostgresSchedules,
  triggers: PostgresTriggers,
  runs: PostgresRuns,
  graphJobs: PostgresGraphJobs,
  policyJobs: PostgresPolicyJobs,
  impactSnapshots: PostgresImpactSnapshots,
  workers: PostgresWorkers,
  executionLogs: PostgresExecutionLogs,
  locks: PostgresSchedulerLocks,
  runSummaries: PostgresRunSummaries,
  audit: PostgresSchedulerAudit,
};

export const system = { dueWork: PostgresSchedulerDueWork };
