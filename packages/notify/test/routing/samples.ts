import type {
  Channel,
  EscalationPolicy,
  MaintenanceWindow,
  OnCallSchedule,
  OperatorOverride,
  OverrideAddition,
  QuietHours,
  Rule,
  Template,
} from "../../src/index.ts";
import { fresh, minute, newId, noon, stamps } from "../samples.ts";

export const channel = (over: Partial<Channel> = {}): Channel => ({
  id: newId(),
  name: fresh("channel"),
  kind: "slack",
  endpoint: "https://hooks.slack.com",
  secretRef: "vault://notify/slack#url",
  labels: { team: "ops", "a.b": [1] },
  throttle: null,
  enabled: true,
  deletedAt: null,
  deletedBy: null,
  ...stamps,
  ...over,
});

export const rule = (over: Partial<Rule> = {}): Rule => ({
  id: newId(),
  name: fresh("rule"),
  enabled: true,
  priority: 50,
  eventKinds: ["scan.failed", "scan.finished"],
  match: { severity: "high" },
  actions: [{ template: "scan" }],
  channelIds: [],
  ...stamps,
  ...over,
});

export const template = (over: Partial<Template> = {}): Template => ({
  id: newId(),
  channelKind: "slack",
  key: fresh("template"),
  locale: "en-US",
  subject: "A scan",
  body: "It has ended.",
  renderMode: "markdown",
  format: "slack",
  metadata: {},
  ...stamps,
  ...over,
});

/** 2026-03-01, at noon of which it is quiet, is a Sunday. */
export const quietTime = (over: Partial<QuietHours> = {}): QuietHours => ({
  id: newId(),
  days: ["sat", "sun"],
  fromMinute: 22 * 60,
  toMinute: 14 * 60,
  timezone: "Europe/Berlin",
  channelIds: [],
  enabled: true,
  ...stamps,
  ...over,
});

export const maintenance = (over: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  id: newId(),
  name: fresh("maintenance"),
  startsAt: minute(-60),
  endsAt: minute(60),
  scope: { clusters: ["one"] },
  reason: "A new disk.",
  createdBy: "alice",
  ...stamps,
  ...over,
});

const [night, day] = ["01890000-0000-7000-8000-00000000000a", "01890000-0000-7000-8000-00000000000b"];
export const escalationPolicy = (over: Partial<EscalationPolicy> = {}): EscalationPolicy => ({
  id: newId(),
  name: fresh("policy"),
  stages: [
    { delaySeconds: 0, channelIds: [night] },
    { delaySeconds: 900, channelIds: [night, day] },
  ],
  autoCloseMinutes: 60,
  retry: null,
  ...stamps,
  ...over,
});

export const onCallSchedule = (over: Partial<OnCallSchedule> = {}): OnCallSchedule => ({
  id: newId(),
  name: fresh("on call"),
  timezone: "Europe/Berlin",
  layers: [
    { name: "first", users: ["ada", "bob"], startsOn: "2026-02-23", handoffMinute: 540, rotationDays: 7, hours: null },
  ],
  overrides: [],
  ...stamps,
  ...over,
});

export const addition = (over: Partial<OverrideAddition> = {}): OverrideAddition => ({
  scheduleId: newId(),
  userId: "eve",
  startsAt: minute(10),
  endsAt: minute(20),
  at: noon,
  ...over,
});

export const operatorOverride = (over: Partial<OperatorOverride> = {}): OperatorOverride => ({
  id: newId(),
  kind: "mute",
  scope: { channel: "ops" },
  expiresAt: minute(60),
  actor: "alice",
  reason: "We know.",
  ...stamps,
  ...over,
});
