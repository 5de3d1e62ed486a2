import { MongoSchedulerAudit } from "./audit.ts";
import { MongoSchedulerDueWork } from "./due-work.ts";
import { MongoExecutionLogs } from "./execution-logs.ts";
import { MongoGraphJobs } from "./graph-jobs.ts";
import { MongoImpactSnapshots } from "./impact-snapshots.ts";
import { MongoSchedulerLocks } from "./locks.ts";
import { MongoPolicyJobs } from "./policy-jobs.ts";
import { MongoRunSummaries } from "./run-summaries.ts";
import { MongoRuns } from "./runs.ts";
import { MongoSchedules } from "./schedules.ts";
import { MongoTriggers } from "./triggers.ts";
import { MongoWorkers } from "./workers.ts";

export const repositories = {
  schedules: MongoSchedules,
  triggers: MongoTriggers,
  runs: MongoRuns,
  graphJobs: MongoGraphJobs,
  policyJobs: MongoPolicyJobs,
  impactSnapshots: MongoImpactSnapshots,
  workers: MongoWorkers,
  executionLogs: MongoExecutionLogs,
  locks: MongoSchedulerLocks,
  runSummaries: MongoRunSummaries,
  audit: MongoSchedulerAudit,
};

export const system = { dueWork: MongoSchedulerDueWork };
