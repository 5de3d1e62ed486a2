import type { Scope as ScopeOf } from "@stellaops/cutover";
import { callsOf, type Calls } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { minute, noon } from "../samples.ts";
import {
  addition,
  channel,
  escalationPolicy,
  maintenance,
  onCallSchedule,
  operatorOverride,
  quietTime,
  rule,
  template,
} from "./samples.ts";

type Scope = ScopeOf<NotifyRepositories>;
const { call } = callsOf<NotifyRepositories>();

const by = { by: "bob", at: noon };

const storedChannel = async ({ channels }: Scope) => {
  const made = channel();
  await channels.put(made, 0n);
  return made;
};
const deletedChannel = async (scope: Scope) => {
  const made = await storedChannel(scope);
  await scope.channels.softDelete(made.id, 1n, { ...by, forced: true });
  return made;
};
const storedRule = async (scope: Scope) => {
  const { id } = await storedChannel(scope);
  const made = rule({ channelIds: [id] });
  await scope.rules.put(made, 0n);
  return made;
};
const storedTemplate = async ({ templates }: Scope) => {
  const made = template();
  await templates.put(made, 0n);
  return made;
};
const storedQuiet = async ({ quietHours }: Scope) => {
  const made = quietTime();
  await quietHours.put(made, 0n);
  return made;
};
const storedMaintenance = async ({ maintenanceWindows }: Scope) => {
  const made = maintenance();
  await maintenanceWindows.put(made, 0n);
  return made;
};
const storedPolicy = async ({ escalationPolicies }: Scope) => {
  const made = escalationPolicy();
  await escalationPolicies.put(made, 0n);
  return made;
};
const storedOnCall = async ({ onCallSchedules }: Scope) => {
  const made = onCallSchedule();
  await onCallSchedules.put(made, 0n);
  return made;
};
const storedOverride = async ({ operatorOverrides }: Scope) => {
  const made = operatorOverride();
  await operatorOverrides.put(made, 0n);
  return made;
};

/** Every verb of what says to whom and when; a rule is put with a channel that it holds. */
export const routingCalls: Calls<NotifyRepositories> = {
  "channels.get": call(storedChannel, ({ channels }, _, { id }) => channels.get(id)),
  "channels.list": call(storedChannel, ({ channels }, limit) => channels.list({ limit })),
  "channels.put": call(storedChannel, ({ channels }, _, made) => channels.put({ ...made, enabled: false }, 1n)),
  "channels.delete": call(storedChannel, ({ channels }, _, { id }) => channels.delete(id, 1n, { forced: true })),
  "channels.softDelete": call(storedChannel, ({ channels }, _, { id }) =>
    channels.softDelete(id, 1n, { ...by, forced: true }),
  ),
  "channels.restore": call(deletedChannel, ({ channels }, _, { id }) => channels.restore(id, 2n, { at: noon })),
  "channels.findByName": call(storedChannel, ({ channels }, _, { name }) => channels.findByName(name)),
  "rules.get": call(storedRule, ({ rules }, _, { id }) => rules.get(id)),
  "rules.list": call(storedRule, ({ rules }, limit) => rules.list({ limit })),
  "rules.put": call(storedRule, ({ rules }, _, made) => rules.put({ ...made, priority: 1 }, 1n)),
  "rules.delete": call(storedRule, ({ rules }, _, { id }) => rules.delete(id, 1n)),
  "rules.listEnabledForEvent": call(storedRule, ({ rules }, limit) =>
    rules.listEnabledForEvent("scan.failed", { limit }),
  ),
  "rules.listUsingChannel": call(storedRule, ({ rules }, limit, { channelIds: [id = ""] }) =>
    rules.listUsingChannel(id, { limit }),
  ),
  "templates.get": call(storedTemplate, ({ templates }, _, { id }) => templates.get(id)),
  "templates.list": call(storedTemplate, ({ templates }, limit) => templates.list({ limit })),
  "templates.put": call(storedTemplate, ({ templates }, _, made) => templates.put({ ...made, body: "" }, 1n)),
  "templates.delete": call(storedTemplate, ({ templates }, _, { id }) => templates.delete(id, 1n)),
  "templates.resolve": call(storedTemplate, ({ templates }, _, made) =>
    templates.resolve({ ...made, locale: "de-AT" }),
  ),
  "quietHours.get": call(storedQuiet, ({ quietHours }, _, { id }) => quietHours.get(id)),
  "quietHours.list": call(storedQuiet, ({ quietHours }, limit) => quietHours.list({ limit })),
  "quietHours.put": call(storedQuiet, ({ quietHours }, _, made) => quietHours.put({ ...made, enabled: false }, 1n)),
  "quietHours.delete": call(storedQuiet, ({ quietHours }, _, { id }) => quietHours.delete(id, 1n)),
  "quietHours.listActive": call(storedQuiet, ({ quietHours }) => quietHours.listActive(noon)),
  "maintenanceWindows.get": call(storedMaintenance, ({ maintenanceWindows }, _, { id }) => maintenanceWindows.get(id)),
  "maintenanceWindows.list": call(storedMaintenance, ({ maintenanceWindows }, limit) =>
    maintenanceWindows.list({ limit }),
  ),
  "maintenanceWindows.put": call(storedMaintenance, ({ maintenanceWindows }, _, made) =>
    maintenanceWindows.put({ ...made, endsAt: minute(90) }, 1n),
  ),
  "maintenanceWindows.delete": call(storedMaintenance, ({ maintenanceWindows }, _, { id }) =>
    maintenanceWindows.delete(id, 1n),
  ),
  "maintenanceWindows.listActive": call(storedMaintenance, ({ maintenanceWindows }, limit) =>
    maintenanceWindows.listActive(noon, { limit }),
  ),
  "escalationPolicies.get": call(storedPolicy, ({ escalationPolicies }, _, { id }) => escalationPolicies.get(id)),
  "escalationPolicies.list": call(storedPolicy, ({ escalationPolicies }, limit) => escalationPolicies.list({ limit })),
  "escalationPolicies.put": call(storedPolicy, ({ escalationPolicies }, _, made) =>
    escalationPolicies.put({ ...made, retry: {} }, 1n),
  ),
  "escalationPolicies.delete": call(storedPolicy, ({ escalationPolicies }, _, { id }) =>
    escalationPolicies.delete(id, 1n),
  ),
  "onCallSchedules.get": call(storedOnCall, ({ onCallSchedules }, _, { id }) => onCallSchedules.get(id)),
  "onCallSchedules.list": call(storedOnCall, ({ onCallSchedules }, limit) => onCallSchedules.list({ limit })),
  "onCallSchedules.put": call(storedOnCall, ({ onCallSchedules }, _, made) =>
    onCallSchedules.put({ ...made, timezone: "UTC" }, 1n),
  ),
  "onCallSchedules.delete": call(storedOnCall, ({ onCallSchedules }, _, { id }) => onCallSchedules.delete(id, 1n)),
  "onCallSchedules.onCallAt": call(storedOnCall, ({ onCallSchedules }, _, { id }) =>
    onCallSchedules.onCallAt(id, noon),
  ),
  "onCallSchedules.addOverride": call(storedOnCall, ({ onCallSchedules }, _, { id }) =>
    onCallSchedules.addOverride(addition({ scheduleId: id })),
  ),
  "operatorOverrides.get": call(storedOverride, ({ operatorOverrides }, _, { id }) => operatorOverrides.get(id)),
  "operatorOverrides.list": call(storedOverride, ({ operatorOverrides }, limit) => operatorOverrides.list({ limit })),
  "operatorOverrides.put": call(storedOverride, ({ operatorOverrides }, _, made) =>
    operatorOverrides.put({ ...made, reason: "" }, 1n),
  ),
  "operatorOverrides.delete": call(storedOverride, ({ operatorOverrides }, _, { id }) =>
    operatorOverrides.delete(id, 1n),
  ),
  "operatorOverrides.listActive": call(storedOverride, ({ operatorOverrides }, limit) =>
    operatorOverrides.listActive(noon, { limit }),
  ),
};
