import { authority, openAuthority, type AuthorityRepositories } from "@stellaops/authority";
import { openScheduler, scheduler, type SchedulerRepositories } from "@stellaops/scheduler";
import { notify, openNotify, type NotifyRepositories } from "@stellaops/notify";
import { openPolicy, policy, type PolicyRepositories } from "@stellaops/policy";
import { moduleScenes, type ModuleScenes } from "./module-scenes.ts";
import { authority as authoritySabotages } from "./sabotages/authority.ts";
import { notify as notifySabotages } from "./sabotages/notify.ts";
import { policy as policySabotages } from "./sabotages/policy.ts";
import { scheduler as schedulerSabotages } from "./sabotages/scheduler.ts";
import { approvals } from "./scenes/approvals.ts";
import { consume } from "./scenes/consume.ts";
import { contention } from "./scenes/contention.ts";
import { deliveries } from "./scenes/deliveries.ts";
import { digests } from "./scenes/digests.ts";
import { escalations } from "./scenes/escalations.ts";
import { graphJobs } from "./scenes/graph-jobs.ts";
import { incidents } from "./scenes/incidents.ts";
import { lockout } from "./scenes/lockout.ts";
import { locks } from "./scenes/locks.ts";
import { policyJobs } from "./scenes/policy-jobs.ts";
import { profiles } from "./scenes/profiles.ts";
import { redeem } from "./scenes/redeem.ts";
import { throttles } from "./scenes/throttles.ts";
import { transitions } from "./scenes/transitions.ts";
import { triggers } from "./scenes/triggers.ts";

export const modules: readonly ModuleScenes[] = [
  moduleScenes<AuthorityRepositories>({
    module: authority,
    open: openAuthority,
    scenes: { redeem, consume, lockout },
    sabotages: authoritySabotages,
  }),
  moduleScenes<SchedulerRepositories>({
    module: scheduler,
    open: openScheduler,
    scenes: { "policy-jobs": policyJobs, "graph-jobs": graphJobs, triggers, locks, transitions, contention },
    sabotages: schedulerSabotages,
  }),
  moduleScenes<NotifyRepositories>({
    module: notify,
    open: openNotify,
    scenes: { deliveries, digests, incidents, escalations, throttles, approvals },
    sabotages: notifySabotages,
  }),
  moduleScenes<PolicyRepositories>({
    module: policy,
    open: openPolicy,
    scenes: { profiles },
    sabotages: policySabotages,
  }),
];
