import {
  auditFields,
  auditRules,
  choice,
  count,
  definitions,
  flag,
  id,
  instant,
  int,
  jobFields,
  json,
  leaseFields,
  listOf,
  lockFields,
  lockRules,
  queue,
  rankOf,
  set,
  softFields,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import { policyStatuses } from "./domain/policy-states.ts";
import { runStates } from "./domain/run-states.ts";
import type { DB } from "./postgres/generated/database.ts";

const { aggregate } = definitions<DB>("scheduler");

export const misfireRules = ["skip", "fire_once", "fire_each"] as const;
export type MisfireRule = (typeof misfireRules)[number];

/** When to evaluate what, and whom to tell. */
export const schedules = aggregate(
  "schedules",
  "schedule",
  {
    name: text(200),
    enabled: flag(),
    /** Five fields, or six that begin with seconds. */
    cron: text(200),
    /** An IANA name. */
    timezone: text(64),
    /** What becomes of fire times that were missed by more than the grace. */
    misfire: choice(...misfireRules),
    misfireGraceSeconds: int(),
    mode: choice("analysis_only", "content_refresh"),
    /** Which images, in the one form of a selector. */
    selection: json(),
    onlyIf: json().orNull,
    notify: json().orNull,
    limits: json().orNull,
    subscribers: set(200),
    createdBy: text(200),
    updatedBy: text(200),
    ...softFields,
  },
  { unique: [["name"]], indexes: [["name"]] },
);
export interface Schedule extends AggregateOf<typeof schedules> {}

/** When a schedule fires next; one a schedule. */
export const triggers = aggregate(
  "triggers",
  "trigger",
  {
    scheduleId: id(),
    /** Null: not until it is armed again. */
    nextFireAt: instant().orNull,
    lastFireAt: instant().orNull,
    /** Fire times missed since it was made. */
    misfires: count(),
    ...leaseFields,
  },
  { unique: [["scheduleId"]], indexes: [["nextFireAt"]] },
);
export interface Trigger extends AggregateOf<typeof triggers> {}
/** Claimable when due, and held by nobody whose lease still runs. */
export const triggerQueue = queue(triggers, { due: "nextFireAt" });

/** One evaluation, from its planning to its end. */
export const runs = aggregate(
  "runs",
  "run",
  {
    scheduleId: id().orNull,
    /** The fire time it is for; one run of a schedule and a fire time. */
    fireAt: instant().orNull,
    triggerKind: choice("cron", "advisory_delta", "vex_delta", "manual"),
    state: choice(...runStates),
    reason: json(),
    /** Of its numbers `findingCount` is searched. */
    stats: json(),
    startedAt: instant().orNull,
    finishedAt: instant().orNull,
    error: text(10_000).orNull,
    retryOf: id().orNull,
    /** When it was counted into the summary of its schedule. */
    summarisedAt: instant().orNull,
  },
  {
    unique: [["scheduleId", "fireAt"]],
    indexes: [
      ["state", "createdAt"],
      ["scheduleId", "createdAt"],
      ["triggerKind", "createdAt"],
    ],
  },
);
export interface Run extends AggregateOf<typeof runs> {}

const graphStatuses = ["queued", "running", "completed", "failed", "canceled"] as const;
export type GraphJobStatus = (typeof graphStatuses)[number];

/** Building a graph, or an overlay of one; with what became of it. */
export const graphJobs = aggregate(
  "graph_jobs",
  "graph_job",
  {
    kind: choice("build", "overlay"),
    status: choice(...graphStatuses),
    payload: json(),
    correlationId: text(200).orNull,
    ...jobFields,
    events: listOf("graph_job_events", {
      status: choice(...graphStatuses),
      payload: json().orNull,
      occurredAt: instant(),
    }),
  },
  {
    indexes: [
      ["status", "createdAt"],
      ["status", "availableAt"],
      ["status", "leaseUntil"],
    ],
  },
);
export interface GraphJob extends AggregateOf<typeof graphJobs> {}
export const graphQueue = queue(graphJobs, {
  status: { ready: "queued", taken: "running", done: "completed", failed: "failed" },
  due: "availableAt",
  events: {
    child: "events",
    of: (status, at, error) => ({ status, payload: error === null ? null : { error }, occurredAt: at }),
  },
});

const policyPriorities = ["emergency", "high", "normal"] as const;

/** Evaluating policy for one run; however often it is asked for, one job. */
export const policyJobs = aggregate(
  "policy_jobs",
  "policy_job",
  {
    /** Whoever asks twice for one run means one job. */
    runId: id(),
    mode: choice("full", "incremental", "simulate"),
    priority: choice(...policyPriorities),
    status: choice(...policyStatuses),
    /** In canonical form. */
    inputs: json(),
    ...jobFields,
  },
  {
    unique: [["runId"]],
    indexes: [
      ["status", "priorityRank", "availableAt"],
      ["status", "leaseUntil"],
    ],
    derived: { priorityRank: rankOf("priority", policyPriorities) },
  },
);
export interface PolicyJob extends AggregateOf<typeof policyJobs> {}
export const policyQueue = queue(policyJobs, {
  status: { ready: "queued", taken: "running", done: "succeeded", failed: "failed" },
  due: "availableAt",
  rank: { field: "priorityRank", ranks: policyPriorities.length },
});

/** Which images a run is about, as its selector found them. */
export const impactSnapshots = aggregate(
  "impact_snapshots",
  "impact_snapshot",
  {
    runId: id(),
    /** In the one form of a selector. */
    selector: json(),
    imageDigests: set(200),
    total: count(),
    usageOnly: flag(),
    /** SHA-256 over selector, images and usage: equal digests say the same. */
    digest: text(64),
  },
  { unique: [["runId"]] },
);
export interface ImpactSnapshot extends AggregateOf<typeof impactSnapshots> {}

/** A process that does the work. */
export const workers = aggregate(
  "workers",
  "worker",
  {
    workerId: text(200),
    host: text(400),
    version: text(100),
    capabilities: set(200),
    startedAt: instant(),
    heartbeatAt: instant(),
    status: choice("active", "draining", "expired"),
  },
  { unique: [["workerId"]], indexes: [["heartbeatAt"]] },
);
export interface Worker extends AggregateOf<typeof workers> {}

/** What a run said while it ran. */
export const executionLogs = aggregate(
  "execution_logs",
  "execution_log",
  {
    runId: id(),
    sequence: count(),
    level: choice("trace", "debug", "info", "warn", "error"),
    message: text(10_000),
    fields: json(),
    loggedAt: instant(),
  },
  { unique: [["runId", "sequence"]], appendOnly: true, retain: { by: "loggedAt", least: 7 } },
);
export interface ExecutionLog extends AggregateOf<typeof executionLogs> {}

export const locks = aggregate("locks", "lock", lockFields, lockRules);
export interface Lock extends AggregateOf<typeof locks> {}

/** What became of the runs of a schedule. */
export const runSummaries = aggregate(
  "run_summaries",
  "run_summary",
  {
    scheduleId: id(),
    /** Of the run that ended last. */
    lastRunId: id().orNull,
    lastState: choice(...runStates).orNull,
    lastFinishedAt: instant().orNull,
    runs: count(),
    failures: count(),
    lastCompletedAt: instant().orNull,
    /** How many came to each end, and what they found. */
    counters: json(),
  },
  { unique: [["scheduleId"]] },
);
export interface RunSummary extends AggregateOf<typeof runSummaries> {}

export const audit = aggregate("audit", "audit_entry", auditFields, auditRules);
export interface AuditEntry extends AggregateOf<typeof audit> {}
