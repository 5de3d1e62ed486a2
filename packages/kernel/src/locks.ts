import { normalisePart, type Aggregate, type AggregateOf } from "./aggregate.ts";
import { dataError } from "./errors.ts";
import { count, instant, text } from "./field.ts";
import type { Guard } from "./guard.ts";
import { leaseOf, type Lease } from "./lease.ts";
import { revisionOf, type Reader } from "./repository.ts";

/** A lock: held while it has a holder and has not run out. Its row is never deleted, so that the token only grows. */
export const lockFields = {
  lockKey: text(200),
  holder: text(200).orNull,
  fencingToken: count(),
  acquiredAt: instant().orNull,
  expiresAt: instant().orNull,
};
export const lockRules = { unique: [["lockKey"]] } as const;
export type LockShape = typeof lockFields;

export interface Acquire extends Lease {
  readonly key: string;
  /** A fresh one, for the row where this lock was never held. */
  readonly id: string;
  readonly holder: string;
}

export interface Held {
  readonly key: string;
  readonly holder: string;
  /** Greater than that of everyone who held this lock before; what the lock guards refuses a smaller one. */
  readonly token: bigint;
  readonly expiresAt: Date;
}

export type Holding = Pick<Held, "key" | "holder" | "token">;

/** Locks with a lease and a fencing token, each by its key. Times are the caller's. */
export interface Locks<A extends Aggregate> extends Reader<A> {
  /**
   * Null when another holds it until after `at`. What was released or has run out is taken over. The same holder is given a new token, and
   * its older one is void. Of concurrent callers one wins.
   * @throws `LEASE_INVALID` (data), `REVISION_CONFLICT` (conflict) when the id is another lock's
   */
  acquire(acquire: Acquire): Promise<Held | null>;
  /** Moves the end of the lease, also of one that has run out and that nobody took over. False when the token is not the lock's any more. */
  renew(holding: Holding & Lease): Promise<boolean>;
  /** Lets go of it. False when the token is not the lock's any more. */
  release(holding: Holding & { readonly at: Date }): Promise<boolean>;
}

/** What is stored of a lock, as far as an acquirer needs to know it. */
export interface LockState {
  readonly holder: string | null;
  readonly expiresAt: Date | null;
}

/** Whether an acquirer takes it. The databases decide by the same rule in their own words. */
export const isFree = ({ holder, expiresAt }: LockState, { holder: by, at }: Pick<Acquire, "holder" | "at">): boolean =>
  holder === null || holder === by || expiresAt === null || expiresAt <= at;

/** The lock as it is where nobody ever held it: its values are what an acquirer writes. @throws family data */
export function acquisition(definition: Aggregate<string, LockShape>, request: Acquire): FreshLock {
  const { at, until } = leaseOf(request);
  const { key: lockKey, id, holder } = request;
  const values = {
    id,
    lockKey,
    holder,
    fencingToken: 1n,
    acquiredAt: at,
    expiresAt: until,
    createdAt: at,
    updatedAt: at,
  };
  if (holder === null)
    throw dataError("VALUE_NULL", `${definition.one}: holder is null`, { details: { path: "holder" } });
  return normalisePart<Aggregate<string, LockShape>, keyof FreshLock>(definition, values) as FreshLock;
}
type FreshLock = AggregateOf<Aggregate<string, LockShape>> & {
  readonly holder: string;
  readonly acquiredAt: Date;
  readonly expiresAt: Date;
};

export const held = ({ lockKey: key, holder, expiresAt }: FreshLock, token: bigint): Held => ({
  key,
  holder,
  token,
  expiresAt,
});

type Loose = Readonly<Record<string, unknown>>;

const guard = (definition: Aggregate, { key, holder, token }: Holding, set: Loose): Guard => ({
  where: { ...clean(definition, { lockKey: key, holder }), fencingToken: revisionOf(token) },
  unless: { holder: null },
  set: clean(definition, set),
  add: {},
  child: null,
  identity: ["lockKey"],
});
const clean = (definition: Aggregate, values: Loose): Loose => normalisePart<Aggregate, string>(definition, values);

/** @throws family data */
export function renewal(definition: Aggregate, holding: Holding & Lease): Guard {
  const { at, until } = leaseOf(holding);
  return guard(definition, holding, { expiresAt: until, updatedAt: at });
}

/** @throws family data */
export const letGo = (definition: Aggregate, holding: Holding & { readonly at: Date }): Guard =>
  guard(definition, holding, { holder: null, acquiredAt: null, expiresAt: null, updatedAt: holding.at });
