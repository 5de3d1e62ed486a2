import type { SystemWiring } from "@stellaops/cutover/open";
import { notify } from "./module.ts";
import type { Audit } from "./repositories/audit.ts";
import type { Channels } from "./repositories/channels.ts";
import type { Deliveries } from "./repositories/deliveries.ts";
import type { Digests } from "./repositories/digests.ts";
import type { DueWork } from "./repositories/due-work.ts";
import type { EscalationPolicies } from "./repositories/escalation-policies.ts";
import type { EscalationStates } from "./repositories/escalation-states.ts";
import type { Inbox } from "./repositories/inbox.ts";
import type { Incidents } from "./repositories/incidents.ts";
import type { Locks } from "./repositories/locks.ts";
import type { MaintenanceWindows } from "./repositories/maintenance-windows.ts";
import type { OnCallSchedules } from "./repositories/on-call-schedules.ts";
import type { OperatorOverrides } from "./repositories/operator-overrides.ts";
import type { PackApprovals } from "./repositories/pack-approvals.ts";
import type { QuietHoursRules } from "./repositories/quiet-hours.ts";
import type { Rules } from "./repositories/rules.ts";
import type { Templates } from "./repositories/templates.ts";
import type { ThrottleConfigs } from "./repositories/throttle-configs.ts";

export interface NotifyRepositories {
  readonly channels: Channels;
  readonly rules: Rules;
  readonly templates: Templates;
  readonly deliveries: Deliveries;
  readonly digests: Digests;
  readonly quietHours: QuietHoursRules;
  readonly maintenanceWindows: MaintenanceWindows;
  readonly escalationPolicies: EscalationPolicies;
  readonly escalationStates: EscalationStates;
  readonly onCallSchedules: OnCallSchedules;
  readonly inbox: Inbox;
  readonly incidents: Incidents;
  readonly audit: Audit;
  readonly packApprovals: PackApprovals;
  readonly locks: Locks;
  readonly throttleConfigs: ThrottleConfigs;
  readonly operatorOverrides: OperatorOverrides;
}

export interface NotifySystem {
  readonly dueWork: DueWork;
}

const reading = { get: "read", list: "read" } as const;
const whole = { ...reading, put: "write", delete: "write" } as const;

export const wiring: SystemWiring<NotifyRepositories, NotifySystem> = {
  ...notify,
  verbs: {
    channels: { ...whole, softDelete: "write", restore: "write", findByName: "read" },
    rules: { ...whole, listEnabledForEvent: "read", listUsingChannel: "read" },
    templates: { ...whole, resolve: "read" },
    quietHours: { ...whole, listActive: "read" },
    maintenanceWindows: { ...whole, listActive: "read" },
    escalationPolicies: whole,
    onCallSchedules: { ...whole, onCallAt: "read", addOverride: "write" },
    operatorOverrides: { ...whole, listActive: "read" },
    deliveries: {
      ...reading,
      enqueue: "write",
      claim: "write",
      heartbeat: "write",
      markSent: "write",
      markFailed: "write",
      requeueExpired: "write",
      acknowledge: "write",
      transition: "write",
      findByKey: "read",
      listNewest: "read",
      purge: "write",
    },
    digests: { ...reading, addItem: "write", flushDue: "write", heartbeat: "write", close: "write" },
    escalationStates: {
      ...reading,
      start: "write",
      claimDue: "write",
      heartbeat: "write",
      advance: "write",
      acknowledge: "write",
      resolve: "write",
      findActive: "read",
    },
    inbox: {
      ...whole,
      listForUser: "read",
      unreadCount: "read",
      markRead: "write",
      markAllRead: "write",
      archive: "write",
    },
    incidents: { ...reading, correlate: "write", acknowledge: "write", resolve: "write", listByStatus: "read" },
    packApprovals: { ...reading, request: "write", decide: "write", listByState: "read" },
    throttleConfigs: { ...reading, delete: "write", configure: "write", tryConsume: "write", findByScope: "read" },
    audit: { ...reading, append: "write", listByTarget: "read", purge: "write" },
    locks: { ...reading, acquire: "write", renew: "write", release: "write" },
  },
  system: { dueWork: { dueTenants: "read" } },
  postgres: () => import("./postgres/index.ts"),
  mongo: () => import("./mongo/index.ts"),
};
