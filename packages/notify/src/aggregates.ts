import {
  auditFields,
  auditRules,
  choice,
  count,
  definitions,
  flag,
  holdFields,
  id,
  instant,
  int,
  json,
  leaseFields,
  lockFields,
  lockRules,
  queue,
  secret,
  set,
  softFields,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import { deliveryStatuses } from "./domain/delivery-states.ts";
import { digestWindows } from "./domain/digest-windows.ts";
import { refuseEmptyWindow, refuseOnCall, refuseQuietHours, refuseRule, refuseSecrets } from "./domain/refusals.ts";
import type { DB } from "./postgres/generated/database.ts";

const { aggregate } = definitions<DB>("notify");

export const channelKinds = ["slack", "teams", "email", "webhook", "pager", "console"] as const;
export type ChannelKind = (typeof channelKinds)[number];
export const severities = ["info", "low", "medium", "high", "critical"] as const;
export type Severity = (typeof severities)[number];

/** Where messages go. What opens a channel is kept elsewhere and named by `secretRef`. */
export const channels = aggregate(
  "channels",
  "channel",
  {
    name: text(200),
    kind: choice(...channelKinds),
    endpoint: text(2_000).orNull,
    /** The name of a secret in a secret store, never the secret. */
    secretRef: text(500).orNull,
    labels: json(),
    throttle: json().orNull,
    enabled: flag(),
    ...softFields,
  },
  { unique: [["name"]], refuse: refuseSecrets },
);
export interface Channel extends AggregateOf<typeof channels> {}

/** What becomes of which events. */
export const rules = aggregate(
  "rules",
  "rule",
  {
    name: text(200),
    enabled: flag(),
    /** 0 to 100, the highest first. */
    priority: int(),
    /** Of the events it is for; empty: of all. */
    eventKinds: set(200),
    match: json(),
    actions: json(),
    /** Of the channels that its actions name. */
    channelIds: set(36),
  },
  { unique: [["name"]], indexes: [["enabled", "priority"]], refuse: refuseRule },
);
export interface Rule extends AggregateOf<typeof rules> {}

/** What a message of a kind says, in one language. */
export const templates = aggregate(
  "templates",
  "template",
  {
    channelKind: choice(...channelKinds),
    key: text(200),
    locale: text(100),
    subject: text(1_000).orNull,
    body: text(),
    renderMode: choice("plain_text", "markdown", "html", "json"),
    format: choice("slack", "teams", "email", "webhook", "json"),
    metadata: json(),
  },
  { unique: [["channelKind", "key", "locale"]] },
);
export interface Template extends AggregateOf<typeof templates> {}

/** One message of one event to one channel, until it has arrived or is given up. */
export const deliveries = aggregate(
  "deliveries",
  "delivery",
  {
    ruleId: id(),
    channelId: id(),
    eventId: text(200),
    status: choice(...deliveryStatuses),
    /** How often a sender took it. */
    attempt: count(),
    /** Whoever asks twice under one key means one delivery. */
    idempotencyKey: text(200),
    /** SHA-256 of what is to be sent. */
    payloadHash: text(64),
    rendered: json().orNull,
    response: json().orNull,
    error: text(10_000).orNull,
    /** When it is due, while it is queued. */
    nextAttemptAt: instant(),
    sentAt: instant().orNull,
    ...holdFields,
  },
  {
    unique: [["idempotencyKey"]],
    indexes: [
      ["status", "nextAttemptAt"],
      ["status", "leaseUntil"],
    ],
    retain: { by: "createdAt", least: 7 },
  },
);
export interface Delivery extends AggregateOf<typeof deliveries> {}
export const deliveryQueue = queue(deliveries, {
  status: { ready: "queued", taken: "sending", done: "sent", failed: "failed" },
  due: "nextAttemptAt",
  attempts: "attempt",
  error: "error",
});

/** What is sent together: the events of one action in one window. */
export const digests = aggregate(
  "digests",
  "digest",
  {
    actionKey: text(200),
    window: choice(...digestWindows),
    windowStart: instant(),
    status: choice("open", "flushing", "closed"),
    items: json(),
    itemCount: count(),
    /** The end of the window; null once it is closed. */
    dueAt: instant().orNull,
    ...leaseFields,
  },
  { unique: [["actionKey", "window", "windowStart"]], indexes: [["dueAt"]] },
);
export interface Digest extends AggregateOf<typeof digests> {}
/** Claimable when its window is over, and held by no flusher whose lease still runs. */
export const digestQueue = queue(digests, { due: "dueAt", set: { status: "flushing" } });

/** When nobody is disturbed, by the clock of a zone. */
export const quietHours = aggregate(
  "quiet_hours",
  "quiet_hour",
  {
    days: set(9),
    /** Of the day, from 0; the end may be before the beginning, on the next day then. */
    fromMinute: int(),
    toMinute: int(),
    /** An IANA name. */
    timezone: text(64),
    /** Empty: all. */
    channelIds: set(36),
    enabled: flag(),
  },
  { indexes: [["enabled"]], refuse: refuseQuietHours },
);
export interface QuietHours extends AggregateOf<typeof quietHours> {}

/** When something is being worked on, so that nobody has to be told. */
export const maintenanceWindows = aggregate(
  "maintenance_windows",
  "maintenance_window",
  {
    name: text(200),
    startsAt: instant(),
    endsAt: instant(),
    scope: json(),
    reason: text(1_000).orNull,
    createdBy: text(200),
  },
  { indexes: [["endsAt"]], refuse: refuseEmptyWindow },
);
export interface MaintenanceWindow extends AggregateOf<typeof maintenanceWindows> {}

/** Who is told next when nobody answers, and after how long. */
export const escalationPolicies = aggregate(
  "escalation_policies",
  "escalation_policy",
  {
    name: text(200),
    stages: json(),
    autoCloseMinutes: int().orNull,
    retry: json().orNull,
  },
  { unique: [["name"]] },
);
export interface EscalationPolicy extends AggregateOf<typeof escalationPolicies> {}

/** How far the escalation of an incident has come. */
export const escalationStates = aggregate(
  "escalation_states",
  "escalation_state",
  {
    policyId: id(),
    incidentId: id(),
    stage: int(),
    status: choice("active", "acknowledged", "resolved", "expired"),
    /** When the next stage is told; null once it is over. */
    nextAt: instant().orNull,
    /** The token itself is in the message alone. */
    ackTokenHash: secret("sha256").orNull,
    ackExpiresAt: instant().orNull,
    ...leaseFields,
  },
  {
    unique: [["ackTokenHash"], { fields: ["incidentId"], where: { status: ["active"] } }],
    indexes: [["nextAt"]],
  },
);
export interface EscalationState extends AggregateOf<typeof escalationStates> {}
/** Claimable when due, and held by nobody whose lease still runs. */
export const escalationQueue = queue(escalationStates, { due: "nextAt", only: { status: "active" } });

/** Who is to be called when. */
export const onCallSchedules = aggregate(
  "on_call_schedules",
  "on_call_schedule",
  {
    name: text(200),
    /** An IANA name. */
    timezone: text(64),
    layers: json(),
    overrides: json(),
  },
  { unique: [["name"]], refuse: refuseOnCall },
);
export interface OnCallSchedule extends AggregateOf<typeof onCallSchedules> {}

/** What a user finds in the console. */
export const inbox = aggregate(
  "inbox",
  "inbox_message",
  {
    userId: text(200),
    title: text(400),
    body: text(100_000),
    severity: choice(...severities),
    link: text(2_000).orNull,
    readAt: instant().orNull,
    archivedAt: instant().orNull,
  },
  {
    indexes: [
      ["userId", "createdAt"],
      ["userId", "readAt"],
    ],
  },
);
export interface InboxMessage extends AggregateOf<typeof inbox> {}

/** What many events are about. */
export const incidents = aggregate(
  "incidents",
  "incident",
  {
    correlationKey: text(400),
    title: text(400),
    severity: choice(...severities),
    status: choice("open", "acknowledged", "resolved"),
    eventCount: count(),
    firstSeenAt: instant(),
    lastSeenAt: instant(),
  },
  {
    unique: [{ fields: ["correlationKey"], where: { status: ["open", "acknowledged"] } }],
    indexes: [["status", "createdAt"]],
  },
);
export interface Incident extends AggregateOf<typeof incidents> {}

export const audit = aggregate("audit", "audit_entry", auditFields, auditRules);
export interface AuditEntry extends AggregateOf<typeof audit> {}

/** Whether a version of a pack may be used. */
export const packApprovals = aggregate(
  "pack_approvals",
  "pack_approval",
  {
    packId: text(200),
    version: text(100),
    state: choice("pending", "approved", "rejected"),
    requestedBy: text(200),
    decidedBy: text(200).orNull,
    decidedAt: instant().orNull,
    reason: text(2_000).orNull,
  },
  { unique: [{ fields: ["packId", "version"], where: { state: ["pending"] } }], indexes: [["state", "createdAt"]] },
);
export interface PackApproval extends AggregateOf<typeof packApprovals> {}

export const locks = aggregate("locks", "lock", lockFields, lockRules);
export interface Lock extends AggregateOf<typeof locks> {}

export const throttleScopes = ["tenant", "channel", "rule", "user"] as const;
export type ThrottleScope = (typeof throttleScopes)[number];

/** How much may pass in a window, and how much has. */
export const throttleConfigs = aggregate(
  "throttle_configs",
  "throttle_config",
  {
    scopeKind: choice(...throttleScopes),
    scopeId: text(200),
    windowSeconds: int(),
    maxEvents: count(),
    /** Of the window that counts; null before the first event. */
    windowStart: instant().orNull,
    events: count(),
  },
  { unique: [["scopeKind", "scopeId"]] },
);
export interface ThrottleConfig extends AggregateOf<typeof throttleConfigs> {}

/** What an operator has let through, or held back, for a while. */
export const operatorOverrides = aggregate(
  "operator_overrides",
  "operator_override",
  {
    kind: choice("bypass_quiet_hours", "bypass_throttle", "mute"),
    scope: json(),
    expiresAt: instant(),
    actor: text(200),
    reason: text(1_000),
  },
  { indexes: [["expiresAt"]] },
);
export interface OperatorOverride extends AggregateOf<typeof operatorOverrides> {}
