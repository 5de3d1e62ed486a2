import type { Json } from "@stellaops/kernel";
import { arbitraryOf } from "@stellaops/testkit";
import type { Arguments } from "@stellaops/testkit/module";
import fc, { type Arbitrary } from "fast-check";
import {
  channels,
  escalationPolicies,
  maintenanceWindows,
  onCallSchedules,
  operatorOverrides,
  quietHours,
  rules,
  templates,
} from "../../src/aggregates.ts";
import { weekdays } from "../../src/index.ts";
import { common, dated, id, key, oddId, oddKey, of, page, record, revision, when } from "../arguments.ts";
import { minute } from "../samples.ts";
import { onCallSchedule } from "./samples.ts";

const mostly = <T>(good: Arbitrary<T>, odd: Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: good }, odd);

const forced = fc.boolean();
/** Rarely marked: a mark that `put` brings is a deletion. */
const marks = { deletedAt: mostly(fc.constant(null), when), deletedBy: mostly(fc.constant(null), key) };
const endpoint = mostly(
  fc.constantFrom(null, "#ops", "https://chat.example.org/x"),
  fc.constant("https://a:b@chat.example.org"),
);
const secretRef = mostly(fc.constantFrom(null, "env:A"), fc.constant("hunter2"));
const channel = arbitraryOf(channels, { ...dated, ...marks, name: key, endpoint, secretRef });
const someIds = fc.uniqueArray(id, { maxLength: 2 });
const rule = arbitraryOf(rules, {
  ...dated,
  name: key,
  priority: mostly(fc.constantFrom(0, 50, 50, 100), fc.constant(101)),
  eventKinds: fc.uniqueArray(key, { maxLength: 2 }),
  channelIds: mostly(someIds, fc.constant<string[]>(["no id"])),
});

const locale = mostly(fc.constantFrom("en-US", "de-AT", "de", "DE-at"), fc.constant("de_AT"));
const channelKind = fc.constantFrom("slack" as const, "email" as const);
const template = arbitraryOf(templates, { ...dated, channelKind, key, locale });

const timezone = mostly(fc.constantFrom("UTC", "Europe/Berlin", "Pacific/Apia"), fc.constant("Mars/X"));
const quiet = arbitraryOf(quietHours, {
  ...dated,
  timezone,
  days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
  fromMinute: fc.constantFrom(0, 720, 1_320),
  toMinute: fc.constantFrom(360, 780, 1_320, 1_440),
  channelIds: someIds,
});
const window = arbitraryOf(maintenanceWindows, {
  ...dated,
  startsAt: when,
  endsAt: fc.constantFrom(minute(1), minute(2), minute(3)),
});

const stage = record({
  delaySeconds: fc.constantFrom(0, 60),
  channelIds: fc.uniqueArray(id, { minLength: 1, maxLength: 2 }),
});
const stages = fc.array(stage, { minLength: 1, maxLength: 3 });
const autoCloseMinutes = mostly(fc.constantFrom(null, 60), fc.constant(0));
const policy = arbitraryOf(escalationPolicies, {
  ...dated,
  name: key,
  stages: mostly<Json>(stages, fc.constant([])),
  autoCloseMinutes,
});

const layers = mostly(fc.constantFrom(onCallSchedule().layers, []), fc.constant([{}]));
const overrides = fc.constant([]);
const schedule = arbitraryOf(onCallSchedules, { ...dated, name: key, timezone, layers, overrides });
const added = record({
  scheduleId: oddId,
  userId: oddKey,
  startsAt: when,
  endsAt: fc.constantFrom(minute(1), minute(2)),
  at: when,
});
const override = arbitraryOf(operatorOverrides, { ...dated, expiresAt: when });

const whole = (aggregate: Arbitrary<unknown>) => ({
  put: fc.tuple(aggregate, revision),
  delete: fc.tuple(oddId, revision),
});

export const routingReads: Arguments = {
  ...of("channels", { ...common, findByName: fc.tuple(oddKey) }),
  ...of("rules", {
    ...common,
    listEnabledForEvent: fc.tuple(oddKey, page),
    listUsingChannel: fc.tuple(oddId, page),
  }),
  ...of("templates", { ...common, resolve: fc.tuple(record({ channelKind, key, locale })) }),
  ...of("quietHours", { ...common, listActive: fc.tuple(when) }),
  ...of("maintenanceWindows", { ...common, listActive: fc.tuple(when, page) }),
  ...of("escalationPolicies", common),
  ...of("onCallSchedules", { ...common, onCallAt: fc.tuple(oddId, when) }),
  ...of("operatorOverrides", { ...common, listActive: fc.tuple(when, page) }),
};

export const routingWrites: Arguments = {
  ...of("channels", {
    put: fc.tuple(channel, revision),
    delete: fc.tuple(oddId, revision, record({ forced })),
    softDelete: fc.tuple(oddId, revision, record({ by: oddKey, at: when, forced })),
    restore: fc.tuple(oddId, revision, record({ at: when })),
  }),
  ...of("rules", whole(rule)),
  ...of("templates", whole(template)),
  ...of("quietHours", whole(quiet)),
  ...of("maintenanceWindows", whole(window)),
  ...of("escalationPolicies", whole(policy)),
  ...of("onCallSchedules", { ...whole(schedule), addOverride: fc.tuple(added) }),
  ...of("operatorOverrides", whole(override)),
};
