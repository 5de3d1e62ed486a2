import {
  byBytes,
  conflict,
  normalise,
  normaliseKey,
  refuseLimit,
  stale,
  type DataLayerError,
  type Stored,
} from "@stellaops/kernel";
import { exceptions, type PolicyException } from "../aggregates.ts";
import type { ExceptionRevocation, ExceptionTransition } from "../repositories/exceptions.ts";
import { refuseExceptionMove } from "./exception-states.ts";

const notDraft = (id: string, status: string): DataLayerError =>
  conflict(
    "EXCEPTION_NOT_DRAFT",
    `exception ${id} is ${status}; a draft alone is put, the rest is moved by its verbs`,
    {
      details: { id, status },
    },
  );

/** @throws `EXCEPTION_NOT_DRAFT` (conflict), `JUSTIFICATION_TOO_SHORT`, `EXCEPTION_WINDOW`, `VALUE_…` (data) */
export function draftOf(exception: PolicyException): PolicyException {
  const clean = normalise(exceptions, exception);
  const { id, status, revokedAt, revokedBy, revokedReason } = clean;
  if (status !== "draft") throw notDraft(id, status);
  if (revokedAt !== null || revokedBy !== null || revokedReason !== null) throw notDraft(id, "revoked");
  return clean;
}

/** Why a draft was not replaced. */
export function notPut(found: Stored<typeof exceptions> | null, tenant: string, expected: bigint): DataLayerError {
  const there = found?.tenantId === tenant && found.revision === expected;
  return there ? notDraft(found.id, found.status) : stale(exceptions, expected);
}

/** @throws `EXCEPTION_TRANSITION` (conflict), `VALUE_CHOICE` (data) */
export function moved({ id, from, to, at }: ExceptionTransition) {
  refuseExceptionMove({ from, to });
  return { where: { id, status: from }, set: { status: to, updatedAt: at } };
}

/** Of what has not ended: a revoked one has its instant. @throws `VALUE_…` (data) */
export function revoked({ id, by, reason, at }: ExceptionRevocation) {
  const revocation = normaliseKey(exceptions, { revokedAt: at, revokedBy: by, revokedReason: reason });
  return {
    where: { id, revokedAt: null },
    unless: { status: "expired" as const },
    set: { ...revocation, status: "revoked" as const, updatedAt: at },
  };
}

export interface Expiry {
  readonly at: Date;
  readonly limit: number;
}

/** @throws `LIMIT_INVALID`, `VALUE_…` (data) */
export const cleanExpiry = ({ at, limit }: Expiry): Expiry => ({
  at: normaliseKey(exceptions, { expiresAt: at }).expiresAt,
  limit: refuseLimit(limit, 1_000),
});

/** Of those that were expired, the longest over first: PostgreSQL gives what it changed in no order. */
export const namesOf = (
  expired: readonly Pick<PolicyException, "id" | "exceptionId" | "expiresAt">[],
): readonly string[] =>
  expired
    .toSorted((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || byBytes(a.id, b.id))
    .map(({ exceptionId }) => exceptionId);
