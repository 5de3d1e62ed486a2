import type { Contract } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { auditContracts } from "./audit.ts";
import { channelsContract } from "./channels.ts";
import { deliveriesContract } from "./deliveries.ts";
import { digestsContract } from "./digests.ts";
import { escalationPoliciesContract } from "./escalation-policies.ts";
import { escalationStatesContract } from "./escalation-states.ts";
import { inboxContract } from "./inbox.ts";
import { incidentsContract } from "./incidents.ts";
import { locksContracts } from "./locks.ts";
import { maintenanceWindowsContract } from "./maintenance-windows.ts";
import { onCallSchedulesContract } from "./on-call-schedules.ts";
import { operatorOverridesContract } from "./operator-overrides.ts";
import { packApprovalsContract } from "./pack-approvals.ts";
import { quietHoursContract } from "./quiet-hours.ts";
import { rulesContract } from "./rules.ts";
import { templatesContract } from "./templates.ts";
import { throttleConfigsContract } from "./throttle-configs.ts";

export const contracts: readonly Contract<NotifyRepositories>[] = [
  channelsContract,
  rulesContract,
  templatesContract,
  deliveriesContract,
  digestsContract,
  quietHoursContract,
  maintenanceWindowsContract,
  escalationPoliciesContract,
  escalationStatesContract,
  onCallSchedulesContract,
  inboxContract,
  incidentsContract,
  auditContracts,
  packApprovalsContract,
  locksContracts,
  throttleConfigsContract,
  operatorOverridesContract,
];
