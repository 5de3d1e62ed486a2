import { seededIds, systemClock } from "@stellaops/kernel";
import type { Rig } from "@stellaops/testkit/module";
import type { Alarm, Errand, Good, Order } from "./shop/aggregates.ts";
import type { ShopRepositories } from "./shop/repositories.ts";

export type ShopRig = () => Rig<ShopRepositories>;

const ids = seededIds(systemClock, 11);
export const newId = (): string => ids.next();

/** Minutes after a noon. */
export const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 2, 12, n));
const made = { createdAt: minute(0), updatedAt: minute(0) };
const unclaimed = { attempts: 0n, leaseHolder: null, leaseUntil: null, claimId: null };
const job = { ...unclaimed, availableAt: minute(0), lastError: null };

export const good = (over: Partial<Good> = {}): Good => {
  const id = newId();
  const rest = { pin: null, sold: 0n, labels: [], remarks: [], deletedAt: null, deletedBy: null };
  return { id, ...made, name: `Good ${id}`, ...rest, ...over };
};
export const order = (over: Partial<Order> = {}): Order => ({
  id: newId(),
  ...made,
  priority: "normal",
  status: "queued",
  ...job,
  events: [],
  ...over,
});
export const errand = (over: Partial<Errand> = {}): Errand => ({
  id: newId(),
  ...made,
  status: "queued",
  ...job,
  ...over,
});
export const alarm = (over: Partial<Alarm> = {}): Alarm => ({
  id: newId(),
  ...made,
  enabled: true,
  nextAt: minute(0),
  missed: 0n,
  ...unclaimed,
  ...over,
});
/** A claim of one call. */
export const claimOf = (limit: number, at: Date, { holder = "h", for: minutes = 5 } = {}) => ({
  limit,
  holder,
  at,
  until: new Date(at.getTime() + minutes * 60_000),
  claimId: newId(),
});
/** What its holder knows a claimed row by. */
export const refOf = (row: {
  readonly id: string;
  readonly leaseHolder: string | null;
  readonly attempts: bigint;
}) => ({
  id: row.id,
  holder: row.leaseHolder ?? "",
  attempt: row.attempts,
});
