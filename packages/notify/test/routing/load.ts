import { codeOf } from "@stellaops/kernel";
import { must, revisionOf, type LoadContext } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
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

type Context = LoadContext<NotifyRepositories>;

const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
const refusal = async (work: Promise<unknown>): Promise<string | null> =>
  work.then(
    () => null,
    (error: unknown) => codeOf(error) ?? String(error),
  );

/** Every verb of what says to whom and when, as the only writer of its tenant. */
export async function routing(context: Context): Promise<void> {
  await channelsAndRules(context);
  await templates(context);
  await times(context);
  await onCall(context);
}

async function channelsAndRules({ on: { channels, rules }, now, key, ids, tell }: Context): Promise<void> {
  const by = { by: "alone", at: now() };
  const [made, gone] = [channel({ id: ids.next(), name: key() }), channel({ id: ids.next(), name: key() })];
  for (const one of [made, gone]) await channels.put(one, 0n);
  const kind = key();
  const user = rule({ id: ids.next(), name: key(), eventKinds: [kind], channelIds: [made.id, gone.id] });
  await rules.put(user, 0n);
  must("a channel in use", await refusal(channels.softDelete(made.id, 1n, by)), "CHANNEL_IN_USE");
  must("a channel in use, deleted", await refusal(channels.delete(gone.id, 1n)), "CHANNEL_IN_USE");
  await channels.delete(gone.id, 1n, { forced: true });
  tell(`channels/${gone.id}`, null);
  must("a rule without its channel", await refusal(rules.put(user, 1n)), "CHANNEL_MISSING");
  await rules.put({ ...user, channelIds: [made.id] }, 1n);
  must("rules of a channel", (await rules.listUsingChannel(made.id)).items.length, 1);
  must("rules for an event", (await rules.listEnabledForEvent(kind, { limit: 1_000 })).items.length, 1);
  await channels.softDelete(made.id, 1n, { ...by, forced: true });
  must("a deleted channel", await channels.findByName(made.name), null);
  await channels.restore(made.id, 2n, by);
  must("a restored channel", revisionOf(await channels.findByName(made.name)), 3n);
  tell(`channels/${made.id}`, 3n);
  const other = rule({ id: ids.next(), name: key() });
  await rules.put(other, 0n);
  await rules.delete(other.id, 1n);
  tell(`rules/${other.id}`, null);
  tell(`rules/${user.id}`, 2n);
  must("a channel", revisionOf(await channels.get(made.id)), 3n);
  must("a rule", revisionOf(await rules.get(user.id)), 2n);
  await channels.list({ limit: 5 });
  await rules.list({ limit: 5 });
}

async function templates({ on, key, ids, tell }: Context): Promise<void> {
  const [made, gone] = ["de", "en-US"].map((locale) => template({ id: ids.next(), key: key(), locale }));
  if (made === undefined || gone === undefined) throw new Error("no templates");
  for (const one of [made, gone]) await on.templates.put(one, 0n);
  await on.templates.put({ ...made, body: "Another." }, 1n);
  tell(`templates/${made.id}`, 2n);
  const found = await on.templates.resolve({ channelKind: "slack", key: made.key, locale: "de-at" });
  must("a template by its language", revisionOf(found), 2n);
  await on.templates.delete(gone.id, 1n);
  tell(`templates/${gone.id}`, null);
  must("a template", revisionOf(await on.templates.get(made.id)), 2n);
  await on.templates.list({ limit: 5 });
}

/** What holds at an instant of its own, far from those of other rounds. */
async function times({ on, now, key, ids, tell }: Context): Promise<void> {
  const at = now();
  const { quietHours, maintenanceWindows, operatorOverrides } = on;
  // Always, and taken away again: more than 1,000 that are enabled are refused.
  const quiet = quietTime({ id: ids.next(), days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] });
  await quietHours.put({ ...quiet, fromMinute: 0, toMinute: 1_440 }, 0n);
  const active = await quietHours.listActive(at);
  must("quiet hours", active.filter(({ id }) => id === quiet.id).length, 1);
  await quietHours.put({ ...quiet, enabled: false }, 1n);
  must("no quiet hours", (await quietHours.listActive(at)).filter(({ id }) => id === quiet.id).length, 0);
  must("quiet hours by id", revisionOf(await quietHours.get(quiet.id)), 2n);
  await quietHours.delete(quiet.id, 2n);
  tell(`quietHours/${quiet.id}`, null);
  const kept = quietTime({ id: ids.next(), enabled: false });
  tell(`quietHours/${kept.id}`, await quietHours.put(kept, 0n));
  await quietHours.list({ limit: 5 });
  const window = maintenance({ id: ids.next(), name: key(), startsAt: at, endsAt: later(at, 1) });
  await maintenanceWindows.put(window, 0n);
  const open = (await maintenanceWindows.listActive(at, { limit: 1_000 })).items;
  must("a maintenance window", open.filter(({ id }) => id === window.id).length, 1);
  await maintenanceWindows.delete(window.id, 1n);
  tell(`maintenanceWindows/${window.id}`, null);
  must("a window that is gone", await maintenanceWindows.get(window.id), null);
  // Long over, as what is kept of overrides: what is active stays few.
  const past = new Date("2001-01-01T00:00:00.000Z");
  const over = maintenance({ id: ids.next(), name: key(), startsAt: past, endsAt: later(past, 1) });
  tell(`maintenanceWindows/${over.id}`, await maintenanceWindows.put(over, 0n));
  await maintenanceWindows.list({ limit: 5 });
  const override = operatorOverride({ id: ids.next(), expiresAt: later(at, 1) });
  await operatorOverrides.put(override, 0n);
  const held = (await operatorOverrides.listActive(at, { limit: 1_000 })).items;
  must("an override", held.filter(({ id }) => id === override.id).length, 1);
  await operatorOverrides.delete(override.id, 1n);
  tell(`operatorOverrides/${override.id}`, null);
  must("an override that is gone", await operatorOverrides.get(override.id), null);
  const expired = operatorOverride({ id: ids.next(), expiresAt: past });
  tell(`operatorOverrides/${expired.id}`, await operatorOverrides.put(expired, 0n));
  await operatorOverrides.list({ limit: 5 });
}

async function onCall({ on: { escalationPolicies, onCallSchedules }, now, key, ids, tell }: Context): Promise<void> {
  const at = now();
  const [policy, dropped] = [1, 2].map(() => escalationPolicy({ id: ids.next(), name: key() }));
  if (policy === undefined || dropped === undefined) throw new Error("no policies");
  for (const one of [policy, dropped]) await escalationPolicies.put(one, 0n);
  await escalationPolicies.put({ ...policy, autoCloseMinutes: null }, 1n);
  tell(`escalationPolicies/${policy.id}`, 2n);
  await escalationPolicies.delete(dropped.id, 1n);
  tell(`escalationPolicies/${dropped.id}`, null);
  must("a policy", revisionOf(await escalationPolicies.get(policy.id)), 2n);
  await escalationPolicies.list({ limit: 5 });
  const [made, gone] = [1, 2].map(() => onCallSchedule({ id: ids.next(), name: key() }));
  if (made === undefined || gone === undefined) throw new Error("no schedules");
  for (const one of [made, gone]) await onCallSchedules.put(one, 0n);
  await onCallSchedules.delete(gone.id, 1n);
  tell(`onCallSchedules/${gone.id}`, null);
  const asked = addition({ scheduleId: made.id, startsAt: at, endsAt: later(at, 60_000), at });
  must("an added override", revisionOf(await onCallSchedules.addOverride(asked)), 2n);
  tell(`onCallSchedules/${made.id}`, 2n);
  must("who is on call", (await onCallSchedules.onCallAt(made.id, at))?.userId, "eve");
  must("a schedule", (await onCallSchedules.get(made.id))?.revision, 2n);
  await onCallSchedules.list({ limit: 5 });
}
