import { openModule, type OpenModule, type OpenOptions } from "@stellaops/cutover/open";
import { wiring, type NotifyRepositories, type NotifySystem } from "./wiring.ts";

export type Notify = OpenModule<NotifyRepositories, NotifySystem>;

/** Opens the notify module on the database that its stage says. */
export const openNotify = (options: OpenOptions): Promise<Notify> => openModule(wiring, options);

export {
  channelKinds,
  deliveryQueue,
  digestQueue,
  escalationQueue,
  severities,
  throttleScopes,
  type AuditEntry,
  type Channel,
  type ChannelKind,
  type Delivery,
  type Digest,
  type EscalationPolicy,
  type EscalationState,
  type Incident,
  type InboxMessage,
  type Lock,
  type MaintenanceWindow,
  type OnCallSchedule,
  type OperatorOverride,
  type PackApproval,
  type QuietHours,
  type Rule,
  type Severity,
  type Template,
  type ThrottleConfig,
  type ThrottleScope,
} from "./aggregates.ts";
export { digestWindows, type DigestWindow } from "./domain/digest-windows.ts";
export { weekdays, type DayTimes } from "./domain/day-times.ts";
export { digestWindow, nextDigestWindow, type Span } from "./domain/digest-windows.ts";
export { escalationNext, escalationStart, stagesOf, type Stage, type Stages, type Step } from "./domain/escalation.ts";
export { onCallAt, type Layer, type OnCall, type Override } from "./domain/on-call.ts";
export { isQuiet } from "./domain/quiet-hours.ts";
export { deliveryStatuses, type DeliveryStatus } from "./domain/delivery-states.ts";
export { notify } from "./module.ts";
export type { Channels } from "./repositories/channels.ts";
export type { Rules } from "./repositories/rules.ts";
export type { Templates, TemplateKey } from "./repositories/templates.ts";
export type { QuietHoursRules } from "./repositories/quiet-hours.ts";
export type { MaintenanceWindows } from "./repositories/maintenance-windows.ts";
export type { EscalationPolicies } from "./repositories/escalation-policies.ts";
export type { OnCallSchedules, OverrideAddition } from "./repositories/on-call-schedules.ts";
export type { OperatorOverrides } from "./repositories/operator-overrides.ts";
export type { Audit } from "./repositories/audit.ts";
export type { Locks } from "./repositories/locks.ts";
export type { Deliveries, DeliveryTransition, Enqueue, Enqueued, NotSent, Sent } from "./repositories/deliveries.ts";
export type { DigestItem, Digests, Gathered } from "./repositories/digests.ts";
export { workKinds, type DueWork, type WorkKind } from "./repositories/due-work.ts";
export type {
  AckToken,
  Advance,
  EscalationStart,
  EscalationStarted,
  EscalationStates,
} from "./repositories/escalation-states.ts";
export type { Inbox, ReadAll } from "./repositories/inbox.ts";
export type { Correlated, Correlation, Incidents } from "./repositories/incidents.ts";
export type { ApprovalRequest, ApprovalRequested, Decision, PackApprovals } from "./repositories/pack-approvals.ts";
export type { Consumed, Consumption, ThrottleConfigs, ThrottleLimit } from "./repositories/throttle-configs.ts";
export { wiring, type NotifyRepositories, type NotifySystem } from "./wiring.ts";
