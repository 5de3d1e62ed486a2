import { MongoNotifyAudit } from "./audit.ts";
import { MongoChannels } from "./channels.ts";
import { MongoDeliveries } from "./deliveries.ts";
import { MongoDigests } from "./digests.ts";
import { MongoNotifyDueWork } from "./due-work.ts";
import { MongoEscalationPolicies } from "./escalation-policies.ts";
import { MongoEscalationStates } from "./escalation-states.ts";
import { MongoInbox } from "./inbox.ts";
import { MongoIncidents } from "./incidents.ts";
import { MongoNotifyLocks } from "./locks.ts";
import { MongoMaintenanceWindows } from "./maintenance-windows.ts";
import { MongoOnCallSchedules } from "./on-call-schedules.ts";
import { MongoOperatorOverrides } from "./operator-overrides.ts";
import { MongoPackApprovals } from "./pack-approvals.ts";
import { MongoQuietHours } from "./quiet-hours.ts";
import { MongoRules } from "./rules.ts";
import { MongoTemplates } from "./templates.ts";
import { MongoThrottleConfigs } from "./throttle-configs.ts";

export const repositories = {
  channels: MongoChannels,
  rules: MongoRules,
  templates: MongoTemplates,
  deliveries: MongoDeliveries,
  digests: MongoDigests,
  quietHours: MongoQuietHours,
  maintenanceWindows: MongoMaintenanceWindows,
  escalationPolicies: MongoEscalationPolicies,
  escalationStates: MongoEscalationStates,
  onCallSchedules: MongoOnCallSchedules,
  inbox: MongoInbox,
  incidents: MongoIncidents,
  audit: MongoNotifyAudit,
  packApprovals: MongoPackApprovals,
  locks: MongoNotifyLocks,
  throttleConfigs: MongoThrottleConfigs,
  operatorOverrides: MongoOperatorOverrides,
};

export const system = { dueWork: MongoNotifyDueWork };
