import type { SystemWiring } from "@stellaops/cutover/open";
import { scheduler } from "./module.ts";
import type { Audit } from "./repositories/audit.ts";
import type { DueWork } from "./repositories/due-work.ts";
import type { ExecutionLogs } from "./repositories/execution-logs.ts";
import type { GraphJobs } from "./repositories/graph-jobs.ts";
import type { ImpactSnapshots } from "./repositories/impact-snapshots.ts";
import type { Locks } from "./repositories/locks.ts";
import type { PolicyJobs } from "./repositories/policy-jobs.ts";
import type { RunSummaries } from "./repositories/run-summaries.ts";
import type { Runs } from "./repositories/runs.ts";
import type { Schedules } from "./repositories/schedules.ts";
import type { Triggers } from "./repositories/triggers.ts";
import type { Workers } from "./repositories/workers.ts";

export interface SchedulerRepositories {
  readonly schedules: Schedules;
  readonly triggers: Triggers;
  readonly runs: Runs;
  readonly graphJobs: GraphJobs;
  readonly policyJobs: PolicyJobs;
  readonly impactSnapshots: ImpactSnapshots;
  readonly workers: Workers;
  readonly executionLogs: ExecutionLogs;
  readonly locks: Locks;
  readonly runSummaries: RunSummaries;
  readonly audit: Audit;
}

export interface SchedulerSystem {
  readonly dueWork: DueWork;
}

const reading = { get: "read", list: "read" } as const;
const jobs = { claim: "write", heartbeat: "write", complete: "write", fail: "write", requeueExpired: "write" } as const;

export const wiring: SystemWiring<SchedulerRepositories, SchedulerSystem> = {
  ...scheduler,
  verbs: {
    schedules: {
      ...reading,
      put: "write",
      delete: "write",
      softDelete: "write",
      restore: "write",
      listEnabled: "read",
    },
    triggers: {
      ...reading,
      delete: "write",
      findBySchedule: "read",
      arm: "write",
      claimDue: "write",
      heartbeat: "write",
      advance: "write",
    },
    runs: {
      ...reading,
      start: "write",
      transition: "write",
      listByState: "read",
      listBySchedule: "read",
      listDeltas: "read",
    },
    graphJobs: { ...reading, ...jobs, insert: "write", tryReplace: "write", listByStatus: "read", events: "read" },
    policyJobs: { ...reading, ...jobs, enqueue: "write", findByRun: "read", transition: "write" },
    impactSnapshots: { ...reading, putForRun: "write", findByRun: "read", images: "read" },
    workers: { ...reading, register: "write", heartbeat: "write", expire: "write" },
    executionLogs: { ...reading, append: "write", tail: "read", purge: "write" },
    locks: { ...reading, acquire: "write", renew: "write", release: "write" },
    runSummaries: { ...reading, project: "write", findBySchedule: "read" },
    audit: { ...reading, append: "write", listByTarget: "read", purge: "write" },
  },
  system: { dueWork: { dueTenants: "read" } },
  postgres: () => import("./postgres/index.ts"),
  mongo: () => import("./mongo/index.ts"),
};
