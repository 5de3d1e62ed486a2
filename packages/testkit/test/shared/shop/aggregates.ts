import {
  auditFields,
  auditRules,
  choice,
  count,
  definitions,
  flag,
  fold,
  folded,
  instant,
  jobFields,
  leaseFields,
  listOf,
  lockFields,
  lockRules,
  queue,
  rankOf,
  secret,
  setOf,
  softFields,
  text,
  type AggregateOf,
} from "@stellaops/kernel";
import type { DB } from "./database.ts";

const { aggregate } = definitions<DB>("shop");

/** Soft, with a derived key, a secret, a set and a list of children. */
export const goods = aggregate(
  "goods",
  "good",
  {
    name: text(100),
    pin: secret().orNull,
    sold: count(),
    labels: setOf("good_labels", ["label", "lang"], { label: text(100), lang: text(10), weight: count() }),
    remarks: listOf("good_remarks", { body: text(100), at: instant() }),
    ...softFields,
  },
  {
    unique: [["nameFolded"], ["pin"]],
    derived: { nameFolded: { field: folded(100), of: "name", from: ({ name }) => fold(name) } },
  },
);
export interface Good extends AggregateOf<typeof goods> {}

const statuses = ["queued", "running", "succeeded", "failed"] as const;

/** Jobs with ranks, events and a last attempt. */
export const orders = aggregate(
  "orders",
  "order",
  {
    priority: choice("urgent", "high", "normal"),
    status: choice(...statuses),
    ...jobFields,
    events: listOf("order_events", { status: text(20), error: text(1_000).orNull, at: instant() }),
  },
  {
    indexes: [
      ["status", "priorityRank", "availableAt"],
      ["status", "leaseUntil"],
    ],
    derived: { priorityRank: rankOf("priority", ["urgent", "high", "normal"]) },
  },
);
export interface Order extends AggregateOf<typeof orders> {}

export const orderQueue = queue(orders, {
  status: { ready: "queued", taken: "running", done: "succeeded", failed: "failed" },
  due: "availableAt",
  rank: { field: "priorityRank", ranks: 3 },
  maxAttempts: 3n,
  events: { child: "events", of: (status, at, error) => ({ status, error, at }) },
});

/** Jobs without ranks and events. */
export const errands = aggregate(
  "errands",
  "errand",
  { status: choice(...statuses), ...jobFields },
  {
    indexes: [
      ["status", "availableAt"],
      ["status", "leaseUntil"],
    ],
    retain: { by: "updatedAt", least: 7 },
  },
);
export interface Errand extends AggregateOf<typeof errands> {}

export const errandQueue = queue(errands, {
  status: { ready: "queued", taken: "running", done: "succeeded", failed: "failed" },
  due: "availableAt",
});

/** Due by a time that may be absent, without a status. */
export const alarms = aggregate(
  "alarms",
  "alarm",
  { enabled: flag(), nextAt: instant().orNull, missed: count(), ...leaseFields },
  { indexes: [["nextAt"]] },
);
export interface Alarm extends AggregateOf<typeof alarms> {}

export const alarmQueue = queue(alarms, { due: "nextAt", only: { enabled: true } });

export const locks = aggregate("locks", "lock", lockFields, lockRules);
export const audit = aggregate("audit", "audit_entry", auditFields, auditRules);
