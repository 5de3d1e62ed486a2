import { arbitraryOf, purgeArbitrary } from "@stellaops/testkit";
import type { Arguments } from "@stellaops/testkit/module";
import fc from "fast-check";
import { audit, deliveries, inbox } from "../../src/aggregates.ts";
import { deliveryStatuses } from "../../src/index.ts";
import { hashOf } from "./initial.ts";
import { minute, noon } from "../samples.ts";
import {
  claiming,
  claimRef,
  common,
  dated,
  few,
  id,
  key,
  lease,
  limit,
  oddId,
  oddKey,
  of,
  page,
  partial,
  record,
  revision,
  when,
} from "../arguments.ts";

const delivery = arbitraryOf(deliveries, {});
const json = delivery.map(({ rendered }) => rendered);
const enqueue = partial(
  {
    id,
    ruleId: id,
    channelId: id,
    eventId: key,
    idempotencyKey: oddKey,
    payloadHash: fc.constantFrom(hashOf("a"), "x".repeat(65)),
    rendered: json,
    dueAt: when,
    at: when,
  },
  ["id", "ruleId", "channelId", "eventId", "idempotencyKey", "payloadHash", "rendered", "at"],
);
const backoff = record({ baseMs: fc.constant(60_000), maxMs: fc.constant(3_600_000), attempts: fc.constantFrom(1, 3) });
const status = fc.constantFrom(...deliveryStatuses);

const addition = record({
  id,
  actionKey: oddKey,
  window: fc.constantFrom("5m", "5m", "instant", "1d"),
  item: json,
  at: fc.oneof(when, fc.constant(minute(6))),
});

const tokenHash = fc.oneof({ weight: 6, arbitrary: key.map(hashOf) }, fc.constantFrom("secret", hashOf("other")));
const ack = record({ hash: tokenHash, expiresAt: when });
const step = record({ stage: fc.constantFrom(0, 1), nextAt: when });
const escalation = record({ id, policyId: id, incidentId: oddId, step, ack: fc.option(ack), at: when });
const advance = partial({ next: fc.option(step), ack, at: when }, ["next", "at"]);

const userId = key;
const message = arbitraryOf(inbox, { ...dated, userId, readAt: fc.option(when), archivedAt: fc.option(when) });
const severity = message.map((one) => one.severity);
const event = record({ id, correlationKey: oddKey, title: key, severity, at: when });

const approval = record({
  id,
  packId: oddKey,
  version: fc.constantFrom("1.2.3", "2.0.0"),
  requestedBy: key,
  at: when,
});
const decision = record({
  id: oddId,
  state: fc.constantFrom("approved", "rejected", "pending"),
  by: oddKey,
  reason: fc.option(key),
  at: when,
});
const state = fc.constantFrom("pending", "approved", "rejected");

const scope = { scopeKind: fc.constantFrom("channel", "channel", "user", "moon"), scopeId: key };
const maxEvents = fc.constantFrom(3n, 1n, 0n, 2n ** 63n - 1n, -1n);
const throttle = record({ ...scope, id, windowSeconds: fc.constantFrom(60, 45, 0, 86_400), maxEvents, at: when });
const later = fc.oneof(
  when,
  fc.constantFrom(30_001, 59_999, 60_000, 86_399_999).map((ms) => new Date(noon.getTime() + ms)),
);
const consumption = record({ ...scope, n: fc.constantFrom(1n, 1n, 2n, 4n, 0n, 2n ** 63n - 1n), at: later });

const acquire = fc
  .tuple(record({ key: oddKey, id, holder: key }), lease)
  .map(([lock, { at, until }]) => ({ ...lock, at, until }));
const holding = { key, holder: key, token: fc.constantFrom(1n, 1n, 2n, 3n) };
const renewal = fc.tuple(record(holding), lease).map(([held, { at, until }]) => ({ ...held, at, until }));
const entry = arbitraryOf(audit, { ...dated, targetKind: fc.constant("channel"), targetId: key, occurredAt: when });
const purge = fc.tuple(purgeArbitrary(noon));

export const workReads: Arguments = {
  ...of("deliveries", { ...common, findByKey: fc.tuple(oddKey), listNewest: fc.tuple(page) }),
  ...of("digests", common),
  ...of("escalationStates", { ...common, findActive: fc.tuple(oddId) }),
  ...of("inbox", { ...common, listForUser: fc.tuple(oddKey, page), unreadCount: fc.tuple(oddKey) }),
  ...of("incidents", {
    ...common,
    listByStatus: fc.tuple(fc.constantFrom("open", "acknowledged", "resolved", "gone"), page),
  }),
  ...of("packApprovals", { ...common, listByState: fc.tuple(state, page) }),
  ...of("throttleConfigs", { ...common, findByScope: fc.tuple(scope.scopeKind, oddKey) }),
  ...of("locks", common),
  ...of("audit", { ...common, listByTarget: fc.tuple(fc.constant("channel"), oddKey, page) }),
};

export const workWrites: Arguments = {
  ...of("deliveries", {
    enqueue: fc.tuple(enqueue),
    claim: fc.tuple(claiming),
    heartbeat: fc.tuple(claimRef, lease),
    markSent: fc.tuple(claimRef, record({ response: fc.option(json), at: when })),
    markFailed: fc.tuple(claimRef, record({ error: oddKey, at: when, backoff })),
    requeueExpired: fc.tuple(when, limit),
    acknowledge: fc.tuple(oddId, when),
    transition: fc.tuple(record({ id: oddId, from: status, to: status, at: when })),
    purge,
  }),
  ...of("digests", {
    addItem: fc.tuple(addition),
    flushDue: fc.tuple(claiming),
    heartbeat: fc.tuple(claimRef, lease),
    close: fc.tuple(claimRef, record({ at: when })),
  }),
  ...of("escalationStates", {
    start: fc.tuple(escalation),
    claimDue: fc.tuple(claiming),
    heartbeat: fc.tuple(claimRef, lease),
    advance: fc.tuple(claimRef, advance),
    acknowledge: fc.tuple(record({ tokenHash, at: when })),
    resolve: fc.tuple(oddId, when),
  }),
  ...of("inbox", {
    put: fc.tuple(message, revision),
    delete: fc.tuple(oddId, revision),
    markRead: fc.tuple(oddId, when),
    markAllRead: fc.tuple(record({ userId: oddKey, limit, at: when })),
    archive: fc.tuple(oddId, when),
  }),
  ...of("incidents", {
    correlate: fc.tuple(event),
    acknowledge: fc.tuple(oddId, when),
    resolve: fc.tuple(oddId, when),
  }),
  ...of("packApprovals", { request: fc.tuple(approval), decide: fc.tuple(decision) }),
  ...of("throttleConfigs", {
    delete: fc.tuple(oddId, revision),
    configure: fc.tuple(throttle),
    tryConsume: fc.tuple(consumption),
  }),
  ...of("locks", {
    acquire: fc.tuple(acquire),
    renew: fc.tuple(renewal),
    release: fc.tuple(record({ ...holding, at: when })),
  }),
  ...of("audit", { append: fc.tuple(few(entry)), purge }),
};
