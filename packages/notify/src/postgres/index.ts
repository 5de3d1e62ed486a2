import { PostgresNotifyAudit } from "./audit.ts";
import { PostgresChannels } from "./channels.ts";
import { PostgresDeliveries } from "./deliveries.ts";
import { PostgresDigests } from "./digests.ts";
import { PostgresNotifyDueWork } from "./due-work.ts";
import { PostgresEscalationPolicies } from "./escalation-policies.ts";
import { PostgresEscalationStates } from "./escalation-states.ts";
import { PostgresInbox } from "./inbox.ts";
import { PostgresIncidents } from "./incidents.ts";
import { PostgresNotifyLocks } from "./locks.ts";
import { PostgresMaintenanceWindows } from "./maintenance-windows.ts";
import { PostgresOnCallSchedules } from "./on-call-schedules.ts";
import { PostgresOperatorOverrides } from "./operator-overrides.ts";
import { PostgresPackApprovals } from "./pack-approvals.ts";
import { PostgresQuietHours } from "./quiet-hours.ts";
import { PostgresRules } from "./rules.ts";
import { PostgresTemplates } from "./templates.ts";
import { PostgresThrottleConfigs } from "./throttle-configs.ts";

export const repositories = {
  channels: PostgresChannels,
  rules: PostgresRules,
  templates: PostgresTemplates,
  deliveries: PostgresDeliveries,
  digests: PostgresDigests,
  quietHours: PostgresQuietHours,
  maintenanceWindows: PostgresMaintenanceWindows,
  escalationPolicies: PostgresEscalationPolicies,
  escalationStates: PostgresEscalationStates,
  onCallSchedules: PostgresOnCallSchedules,
  inbox: PostgresInbox,
  incidents: PostgresIncidents,
  audit: PostgresNotifyAudit,
  packApprovals: PostgresPackApprovals,
  locks: PostgresNotifyLocks,
  throttleConfigs: PostgresThrottleConfigs,
  operatorOverrides: PostgresOperatorOverrides,
};

export const system = { dueWork: PostgresNotifyDueWork };
