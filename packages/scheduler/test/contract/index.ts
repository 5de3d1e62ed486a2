import type { Contract } from "@stellaops/testkit/module";
import type { SchedulerRepositories } from "../../src/index.ts";
import { auditContracts } from "./audit.ts";
import { executionLogsContract } from "./execution-logs.ts";
import { firingContract } from "./firing.ts";
import { graphJobsContract } from "./graph-jobs.ts";
import { impactSnapshotsContract } from "./impact-snapshots.ts";
import { locksContracts } from "./locks.ts";
import { policyJobsContract } from "./policy-jobs.ts";
import { runSummariesContract } from "./run-summaries.ts";
import { runsContract } from "./runs.ts";
import { schedulesContract } from "./schedules.ts";
import { triggersContract } from "./triggers.ts";
import { workersContract } from "./workers.ts";

export const contracts: readonly Contract<SchedulerRepositories>[] = [
  schedulesContract,
  triggersContract,
  runsContract,
  graphJobsContract,
  policyJobsContract,
  impactSnapshotsContract,
  workersContract,
  executionLogsContract,
  locksContracts,
  runSummariesContract,
  auditContracts,
  firingContract,
];
