import { dataError, normaliseKey } from "@stellaops/kernel";
import { users, type User } from "../aggregates.ts";

/** When failures lock a user, and for how long. */
export interface LockoutRule {
  /** Failures since the last success; the one that reaches it locks. 1 to 1,000. */
  readonly threshold: number;
  /** Milliseconds; at most a year. */
  readonly lockForMs: number;
}

type State = Pick<User, "status" | "failedAttempts" | "lockedUntil">;

const yearMs = 366 * 86_400_000;

/** Failures are counted up to here, far from where a sum would leave 64 bits. */
export const mostFailures = 1_000_000_000;

/** @throws `LOCKOUT_INVALID`, `VALUE_…` (data) */
export function cleanLockout({ threshold, lockForMs }: LockoutRule, at: Date): Date {
  if (!within(threshold, 1_000))
    throw dataError("LOCKOUT_INVALID", "the threshold is a whole number from 1 to 1,000", {
      details: { path: "threshold" },
    });
  if (!within(lockForMs, yearMs))
    throw dataError("LOCKOUT_INVALID", "a lock is held for a whole number of milliseconds, at most a year of them", {
      details: { path: "lockForMs" },
    });
  normaliseKey(users, { updatedAt: at });
  const until = new Date(at.getTime() + lockForMs);
  normaliseKey(users, { lockedUntil: until });
  return until;
}

const within = (n: unknown, most: number): boolean => Number.isInteger(n) && Number(n) >= 1 && Number(n) <= most;

/** A lock that is held; one without an end holds until somebody unlocks the user. */
export const isLocked = ({ status, lockedUntil }: Pick<User, "status" | "lockedUntil">, at: Date): boolean =>
  status === "locked" && (lockedUntil === null || lockedUntil.getTime() > at.getTime());

/**
 * What a failed login makes of a user. A lock that has run out is over: counting begins anew. A lock that is held is not prolonged, and a
 * disabled user stays disabled; failures are counted all the same. Both databases say this in one statement; this is what they are held to.
 */
export function afterFailure(state: State, { threshold, lockForMs }: LockoutRule, at: Date): State {
  const over = state.status === "locked" && !isLocked(state, at);
  const failedAttempts = over ? 1n : state.failedAttempts + (state.failedAttempts < mostFailures ? 1n : 0n);
  if (state.status === "disabled" || isLocked(state, at)) return { ...state, failedAttempts };
  return failedAttempts >= BigInt(threshold)
    ? { status: "locked", failedAttempts, lockedUntil: new Date(at.getTime() + lockForMs) }
    : { status: "active", failedAttempts, lockedUntil: null };
}

/** What a login makes of a user; null where it must not be let in: disabled, or under a lock that is held. */
export function afterSuccess(state: State, at: Date): State | null {
  if (state.status === "disabled" || isLocked(state, at)) return null;
  return { status: "active", failedAttempts: 0n, lockedUntil: null };
}
