import { sha256 } from "@stellaops/kernel";
import type {
  ApprovalRequest,
  Correlation,
  DigestItem,
  Enqueue,
  EscalationStart,
  InboxMessage,
  ThrottleLimit,
} from "../../src/index.ts";
import { fresh, minute, newId, noon, stamps } from "../samples.ts";

export const delivery = (over: Partial<Enqueue> = {}): Enqueue => ({
  id: newId(),
  ruleId: newId(),
  channelId: newId(),
  eventId: "event-1",
  idempotencyKey: fresh("delivery"),
  payloadHash: sha256("hello"),
  rendered: { text: "hello", "a.b": [1] },
  at: noon,
  ...over,
});

export const backoff = { baseMs: 60_000, maxMs: 3_600_000, attempts: 3 };

export const item = (over: Partial<DigestItem> = {}): DigestItem => ({
  id: newId(),
  actionKey: fresh("action"),
  window: "5m",
  item: { event: "event-1", $each: [1], "a.b": null },
  at: noon,
  ...over,
});

export const token = (over: Partial<{ hash: string; expiresAt: Date }> = {}) => ({
  hash: sha256(fresh("token")),
  expiresAt: minute(60),
  ...over,
});

export const escalation = (over: Partial<EscalationStart> = {}): EscalationStart => ({
  id: newId(),
  policyId: newId(),
  incidentId: newId(),
  step: { stage: 0, nextAt: noon },
  ack: token(),
  at: noon,
  ...over,
});

export const message = (over: Partial<InboxMessage> = {}): InboxMessage => ({
  id: newId(),
  userId: fresh("user"),
  title: "A pack was approved",
  body: "Version 1.2.3",
  severity: "info",
  link: null,
  readAt: null,
  archivedAt: null,
  ...stamps,
  ...over,
});

export const event = (over: Partial<Correlation> = {}): Correlation => ({
  id: newId(),
  correlationKey: fresh("incident"),
  title: "Scanner is down",
  severity: "high",
  at: noon,
  ...over,
});

export const approval = (over: Partial<ApprovalRequest> = {}): ApprovalRequest => ({
  id: newId(),
  packId: fresh("pack"),
  version: "1.2.3",
  requestedBy: "alice",
  at: noon,
  ...over,
});

export const throttleLimit = (over: Partial<ThrottleLimit> = {}): ThrottleLimit => ({
  id: newId(),
  scopeKind: "channel",
  scopeId: fresh("channel"),
  windowSeconds: 60,
  maxEvents: 3n,
  at: noon,
  ...over,
});
