import { normalisePart, type Aggregate } from "./aggregate.ts";
import { conflict, dataError, type DataLayerError } from "./errors.ts";
import type { Guard } from "./guard.ts";
import type { ClaimRef, ClaimRequest, Failure } from "./jobs.ts";
import { leaseOf, type Lease } from "./lease.ts";
import { revisionOf } from "./repository.ts";
import type { Queue } from "./queue.ts";

type Loose = Readonly<Record<string, unknown>>;

/** Held by nobody: whoever had claimed it is refused from then on. How often it was claimed stays: with the holder it names a claim, and no two may share a name. */
export const unclaimed = { leaseHolder: null, leaseUntil: null, claimId: null } as const;

/** @throws `LIMIT_INVALID` (data) */
export function refuseLimit(limit: number, max: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw dataError("LIMIT_INVALID", `1 to ${max} at once, not ${String(limit)}`);
}

/** What a claim writes beside the attempt and the revision. @throws family data */
export function takenBy({ definition, set }: Queue, request: ClaimRequest): Loose {
  const { holder, claimId } = request;
  const { at, until } = leaseOf(request);
  const values = { leaseHolder: holder, leaseUntil: until, claimId, updatedAt: at };
  for (const [path, value] of Object.entries({ holder, claimId })) if (value === null) throw isNull(definition, path);
  return { ...normalisePart<Aggregate, string>(definition, values), ...set };
}

const isNull = ({ one }: Aggregate, path: string): DataLayerError =>
  dataError("VALUE_NULL", `${one}: ${path} is null`, { details: { path } });

/** What makes an expired row ready again, or failed for good. */
export const expiredTo = (queue: Queue, status: string, at: Date): Loose => ({
  ...unclaimed,
  ...normalisePart<Aggregate, string>(queue.definition, { updatedAt: at }),
  status,
  [queue.error]: expired,
});
export const expired = "the lease ran out";

/** A change by a holder: guarded by holder and attempt. */
export interface Settlement {
  readonly at: Date;
  readonly set?: Loose;
  readonly add?: Loose;
  readonly to?: string;
  readonly error?: string;
}

const guarded = (queue: Queue, { id, holder, attempt }: ClaimRef): Omit<Guard, "set" | "add" | "child"> => ({
  where: {
    ...normalisePart<Aggregate, string>(queue.definition, { id, leaseHolder: holder }),
    [queue.attempts]: revisionOf(attempt),
    ...(queue.status === null ? {} : { status: queue.status.taken }),
  },
  unless: { leaseHolder: null },
  identity: ["id"],
});

export function heartbeat(queue: Queue, ref: ClaimRef, lease: Lease): Guard {
  const { at, until } = leaseOf(lease);
  const set = normalisePart<Aggregate, string>(queue.definition, { leaseUntil: until, updatedAt: at });
  return { ...guarded(queue, ref), set, add: {}, child: null };
}

/** The end of a claim: the lease is let go of. */
export function settled(queue: Queue, ref: ClaimRef, { at, set = {}, add = {}, to, error }: Settlement): Guard {
  const part = (values: Loose): Loose => normalisePart<Aggregate, string>(queue.definition, values);
  const status = to === undefined ? {} : { status: to };
  return {
    ...guarded(queue, ref),
    set: { ...part({ ...set, updatedAt: at }), ...unclaimed, ...status },
    add: part(add),
    child: to === undefined ? null : queue.event(to, at, error ?? null),
  };
}

export function failure(queue: Queue, { error, at, retryAt }: Failure): Settlement {
  const { ready, failed } = statusesOf(queue);
  const due = retryAt === null ? {} : { [queue.due]: retryAt };
  return { at, set: { [queue.error]: error, ...due }, to: retryAt === null ? failed : ready, error };
}

export const statusesOf = ({ definition, status }: Queue) => {
  if (status === null) throw new TypeError(`the queue of ${definition.table} has no statuses`);
  return status;
};

export const claimLost = ({ definition: { one } }: Queue, { id, holder, attempt }: ClaimRef): DataLayerError =>
  conflict(
    "CLAIM_LOST",
    `attempt ${attempt} of ${holder} at this ${one.replaceAll("_", " ")} is over: its lease ran out and was given away, or it was settled; stop working on it`,
    { details: { id, holder, attempt } },
  );
