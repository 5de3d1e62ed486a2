import { dataError } from "./errors.ts";

/** From when, by the caller's clock, until when. */
export interface Lease {
  readonly at: Date;
  readonly until: Date;
}

const isDate = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());

/** @throws `LEASE_INVALID` (data) */
export function leaseOf({ at, until }: Lease): Lease {
  if (isDate(at) && isDate(until) && until > at) return { at, until };
  throw dataError("LEASE_INVALID", "a lease ends after it begins: give `at` and a later `until`");
}
