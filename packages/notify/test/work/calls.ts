import type { Scope as ScopeOf } from "@stellaops/cutover";
import { callsOf, type Calls } from "@stellaops/testkit/module";
import type { NotifyRepositories } from "../../src/index.ts";
import { acquiring, claim, entry, fresh, minute, newId, noon, refOf } from "../samples.ts";
import { approval, backoff, delivery, escalation, event, item, message, throttleLimit, token } from "./samples.ts";

type Scope = ScopeOf<NotifyRepositories>;
const { plain, call } = callsOf<NotifyRepositories>();
const times = <T>(n: number, make: () => T): readonly T[] => Array.from({ length: n }, make);
const each = async (n: number, make: () => Promise<unknown>): Promise<void> => {
  for (let i = 0; i < n; i += 1) await make();
};

const enqueued = async ({ deliveries }: Scope) => (await deliveries.enqueue(delivery())).delivery;
const enqueuedMany = ({ deliveries }: Scope, n: number) =>
  each(n, () => deliveries.enqueue(delivery({ at: minute(-60) })));
const claimedDelivery = async (scope: Scope) => {
  await scope.deliveries.enqueue(delivery({ at: minute(-90) }));
  const [one] = await scope.deliveries.claim(claim({ limit: 1 }));
  return refOf(one!);
};
const sentDelivery = async (scope: Scope) => {
  const ref = await claimedDelivery(scope);
  return scope.deliveries.markSent(ref, { response: null, at: noon });
};
const expiredDeliveries = async (scope: Scope, n: number) => {
  await enqueuedMany(scope, n);
  await scope.deliveries.claim(claim({ limit: n, at: minute(-30), until: minute(-20) }));
};
/** Older than the fewest days by any clock. */
const longAgo = new Date("2020-01-01T00:00:00.000Z");
const oldDeliveries = ({ deliveries }: Scope, n: number) =>
  each(n, async () => {
    const { id } = (await deliveries.enqueue(delivery({ at: longAgo }))).delivery;
    await deliveries.transition({ id, from: "queued", to: "failed", at: longAgo });
  });
const openDigest = async ({ digests }: Scope) => {
  const first = item({ at: minute(-60) });
  const { digestId: id } = await digests.addItem(first);
  return { ...first, id };
};
const openDigests = (scope: Scope, n: number) => each(n, () => openDigest(scope));
const claimedDigest = async (scope: Scope) => {
  await scope.digests.addItem(item({ at: minute(-90) }));
  const [one] = await scope.digests.flushDue(claim({ limit: 1 }));
  return refOf(one!);
};
const started = async ({ escalationStates }: Scope) => {
  const ack = token();
  const { state } = await escalationStates.start(escalation({ ack, step: { stage: 0, nextAt: minute(-60) } }));
  return { ...state, token: ack.hash };
};
const startedMany = (scope: Scope, n: number) => each(n, () => started(scope));
const claimedEscalation = async (scope: Scope) => {
  await scope.escalationStates.start(escalation({ step: { stage: 0, nextAt: minute(-90) } }));
  const [one] = await scope.escalationStates.claimDue(claim({ limit: 1 }));
  return refOf(one!);
};
const told = async ({ inbox }: Scope) => {
  const made = message();
  await inbox.put(made, 0n);
  return made;
};
const toldMany = async ({ inbox }: Scope, n: number) => {
  const userId = fresh("user");
  await each(n, () => inbox.put(message({ userId }), 0n));
  return userId;
};
const opened = async ({ incidents }: Scope) => (await incidents.correlate(event())).incident;
const asked = async ({ packApprovals }: Scope) => (await packApprovals.request(approval())).approval;
const limited = ({ throttleConfigs }: Scope) => throttleConfigs.configure(throttleLimit());
const held = async ({ locks }: Scope) => {
  const { key, holder, ...lock } = acquiring();
  const { token: fence } = (await locks.acquire({ key, holder, ...lock }))!;
  return { key, holder, token: fence, at: noon };
};

/** What is claimed, counted, decided and gathered. */
export const workCalls: Calls<NotifyRepositories> = {
  "deliveries.get": call(enqueued, ({ deliveries }, _, { id }) => deliveries.get(id)),
  "deliveries.list": call(enqueuedMany, ({ deliveries }, limit) => deliveries.list({ limit })),
  "deliveries.enqueue": plain(({ deliveries }) => deliveries.enqueue(delivery())),
  "deliveries.claim": call(enqueuedMany, ({ deliveries }, limit) => deliveries.claim(claim({ limit: limit + 1 }))),
  "deliveries.heartbeat": call(claimedDelivery, ({ deliveries }, _, ref) =>
    deliveries.heartbeat(ref, { at: noon, until: minute(9) }),
  ),
  "deliveries.markSent": call(claimedDelivery, ({ deliveries }, _, ref) =>
    deliveries.markSent(ref, { response: { ok: true }, at: noon }),
  ),
  "deliveries.markFailed": call(claimedDelivery, ({ deliveries }, _, ref) =>
    deliveries.markFailed(ref, { error: "timeout", at: noon, backoff }),
  ),
  "deliveries.requeueExpired": call(expiredDeliveries, ({ deliveries }, limit) =>
    deliveries.requeueExpired(noon, limit),
  ),
  "deliveries.acknowledge": call(sentDelivery, ({ deliveries }, _, { id }) => deliveries.acknowledge(id, noon)),
  "deliveries.transition": call(enqueued, ({ deliveries }, _, { id }) =>
    deliveries.transition({ id, from: "queued", to: "throttled", at: noon }),
  ),
  "deliveries.findByKey": call(enqueued, ({ deliveries }, _, { idempotencyKey }) =>
    deliveries.findByKey(idempotencyKey),
  ),
  "deliveries.listNewest": call(enqueuedMany, ({ deliveries }, limit) => deliveries.listNewest({ limit })),
  "deliveries.purge": call(oldDeliveries, ({ deliveries }, limit) =>
    deliveries.purge({ at: noon, keepDays: 7, limit }),
  ),
  "digests.get": plain(({ digests }) => digests.get(newId())),
  "digests.list": call(openDigests, ({ digests }, limit) => digests.list({ limit })),
  "digests.addItem": call(openDigest, ({ digests }, _, one) => digests.addItem({ ...one, id: newId() })),
  "digests.flushDue": call(openDigests, ({ digests }, limit) => digests.flushDue(claim({ limit: limit + 1 }))),
  "digests.heartbeat": call(claimedDigest, ({ digests }, _, ref) =>
    digests.heartbeat(ref, { at: noon, until: minute(9) }),
  ),
  "digests.close": call(claimedDigest, ({ digests }, _, ref) => digests.close(ref, { at: noon })),
  "escalationStates.get": call(started, ({ escalationStates }, _, { id }) => escalationStates.get(id)),
  "escalationStates.list": call(startedMany, ({ escalationStates }, limit) => escalationStates.list({ limit })),
  "escalationStates.start": plain(({ escalationStates }) => escalationStates.start(escalation())),
  "escalationStates.claimDue": call(startedMany, ({ escalationStates }, limit) =>
    escalationStates.claimDue(claim({ limit: limit + 1 })),
  ),
  "escalationStates.heartbeat": call(claimedEscalation, ({ escalationStates }, _, ref) =>
    escalationStates.heartbeat(ref, { at: noon, until: minute(9) }),
  ),
  "escalationStates.advance": call(claimedEscalation, ({ escalationStates }, _, ref) =>
    escalationStates.advance(ref, { next: { stage: 1, nextAt: minute(30) }, at: noon }),
  ),
  "escalationStates.acknowledge": call(started, ({ escalationStates }, _, { token: tokenHash }) =>
    escalationStates.acknowledge({ tokenHash, at: noon }),
  ),
  "escalationStates.resolve": call(started, ({ escalationStates }, _, { id }) => escalationStates.resolve(id, noon)),
  "escalationStates.findActive": call(started, ({ escalationStates }, _, { incidentId }) =>
    escalationStates.findActive(incidentId),
  ),
  "inbox.get": call(told, ({ inbox }, _, { id }) => inbox.get(id)),
  "inbox.list": call(told, ({ inbox }, limit) => inbox.list({ limit })),
  "inbox.put": call(told, ({ inbox }, _, made) => inbox.put({ ...made, title: "Another" }, 1n)),
  "inbox.delete": call(told, ({ inbox }, _, { id }) => inbox.delete(id, 1n)),
  "inbox.listForUser": call(toldMany, ({ inbox }, limit, userId) => inbox.listForUser(userId, { limit })),
  "inbox.unreadCount": call(toldMany, ({ inbox }, _, userId) => inbox.unreadCount(userId)),
  "inbox.markRead": call(told, ({ inbox }, _, { id }) => inbox.markRead(id, noon)),
  "inbox.markAllRead": call(toldMany, ({ inbox }, limit, userId) => inbox.markAllRead({ userId, limit, at: noon })),
  "inbox.archive": call(told, ({ inbox }, _, { id }) => inbox.archive(id, noon)),
  "incidents.get": call(opened, ({ incidents }, _, { id }) => incidents.get(id)),
  "incidents.list": call(opened, ({ incidents }, limit) => incidents.list({ limit })),
  "incidents.correlate": call(opened, ({ incidents }, _, { correlationKey }) =>
    incidents.correlate(event({ correlationKey })),
  ),
  "incidents.acknowledge": call(opened, ({ incidents }, _, { id }) => incidents.acknowledge(id, noon)),
  "incidents.resolve": call(opened, ({ incidents }, _, { id }) => incidents.resolve(id, noon)),
  "incidents.listByStatus": call(opened, ({ incidents }, limit) => incidents.listByStatus("open", { limit })),
  "packApprovals.get": call(asked, ({ packApprovals }, _, { id }) => packApprovals.get(id)),
  "packApprovals.list": call(asked, ({ packApprovals }, limit) => packApprovals.list({ limit })),
  "packApprovals.request": plain(({ packApprovals }) => packApprovals.request(approval())),
  "packApprovals.decide": call(asked, ({ packApprovals }, _, { id }) =>
    packApprovals.decide({ id, state: "approved", by: "bob", reason: null, at: noon }),
  ),
  "packApprovals.listByState": call(asked, ({ packApprovals }, limit) =>
    packApprovals.listByState("pending", { limit }),
  ),
  "throttleConfigs.get": call(limited, ({ throttleConfigs }, _, { id }) => throttleConfigs.get(id)),
  "throttleConfigs.list": call(limited, ({ throttleConfigs }, limit) => throttleConfigs.list({ limit })),
  "throttleConfigs.delete": call(limited, ({ throttleConfigs }, _, { id }) => throttleConfigs.delete(id, 1n)),
  "throttleConfigs.configure": call(limited, ({ throttleConfigs }, _, { scopeId }) =>
    throttleConfigs.configure(throttleLimit({ scopeId })),
  ),
  "throttleConfigs.tryConsume": call(limited, ({ throttleConfigs }, _, { scopeKind, scopeId }) =>
    throttleConfigs.tryConsume({ scopeKind, scopeId, n: 1n, at: noon }),
  ),
  "throttleConfigs.findByScope": call(limited, ({ throttleConfigs }, _, { scopeKind, scopeId }) =>
    throttleConfigs.findByScope(scopeKind, scopeId),
  ),
  "locks.get": plain(({ locks }) => locks.get(newId())),
  "locks.list": call(held, ({ locks }, limit) => locks.list({ limit })),
  "locks.acquire": plain(({ locks }) => locks.acquire(acquiring())),
  "locks.renew": call(held, ({ locks }, _, mine) => locks.renew({ ...mine, until: minute(9) })),
  "locks.release": call(held, ({ locks }, _, mine) => locks.release(mine)),
  "audit.get": plain(({ audit }) => audit.get(newId())),
  "audit.list": plain(({ audit }, limit) => audit.list({ limit })),
  "audit.append": plain(({ audit }, n) => audit.append(times(n, () => entry()))),
  "audit.listByTarget": plain(({ audit }, limit) => audit.listByTarget("channel", "x", { limit })),
  "audit.purge": call(
    ({ audit }, n) => audit.append(times(n, () => entry({ occurredAt: longAgo }))),
    ({ audit }, limit) => audit.purge({ at: noon, keepDays: 30, limit }),
  ),
};
