import { openModule, type OpenModule, type OpenOptions } from "@stellaops/cutover/open";
import { wiring, type SchedulerRepositories, type SchedulerSystem } from "./wiring.ts";

export type Scheduler = OpenModule<SchedulerRepositories, SchedulerSystem>;

/**
 * Opens the scheduler module on the database that its stage says.
 *
 * ```ts
 * const scheduler = await openScheduler({ postgres: openPostgres({ url }), stage: "postgres" });
 * for (const tenant of await scheduler.system().dueWork.dueTenants("triggers", at, 100))
 *   await fireDue(scheduler.tenant(tenant), { holder, at, until, limit: 100, claimId: ids.next(), ids });
 * ```
 */
export const openScheduler = (options: OpenOptions): Promise<Scheduler> => openModule(wiring, options);

export {
  graphQueue,
  misfireRules,
  policyQueue,
  triggerQueue,
  type AuditEntry,
  type ExecutionLog,
  type GraphJob,
  type GraphJobStatus,
  type ImpactSnapshot,
  type Lock,
  type MisfireRule,
  type PolicyJob,
  type Run,
  type RunSummary,
  type Schedule,
  type Trigger,
  type Worker,
} from "./aggregates.ts";
export { firingOf, type FireRule, type Firing } from "./domain/firing.ts";
export { checkTimetable, firesAfter, lastFire, nextFire, type Timetable } from "./domain/next-fire.ts";
export { policyStatuses, type PolicyJobStatus } from "./domain/policy-states.ts";
export { runStates, type RunState } from "./domain/run-states.ts";
export { normaliseSelector, type Selector } from "./domain/selector.ts";
export { fireDue, type Fired, type FireRequest } from "./firing/fire-due.ts";
export { scheduler } from "./module.ts";
export type { Audit } from "./repositories/audit.ts";
export { workKinds, type DueWork, type WorkKind } from "./repositories/due-work.ts";
export type { ExecutionLogs } from "./repositories/execution-logs.ts";
export type { GraphJobEvent, GraphJobInsert, GraphJobReplacement, GraphJobs } from "./repositories/graph-jobs.ts";
export type { Impact, ImpactSnapshots } from "./repositories/impact-snapshots.ts";
export type { Locks } from "./repositories/locks.ts";
export type { Enqueue, Enqueued, PolicyJobs, PolicyTransition } from "./repositories/policy-jobs.ts";
export type { RunSummaries } from "./repositories/run-summaries.ts";
export type { Runs, RunStart, Started, Transition } from "./repositories/runs.ts";
export type { Schedules } from "./repositories/schedules.ts";
export type { Arming, Triggers } from "./repositories/triggers.ts";
export type { Expiry, Heartbeat, Registration, Workers } from "./repositories/workers.ts";
export { wiring, type SchedulerRepositories, type SchedulerSystem } from "./wiring.ts";
