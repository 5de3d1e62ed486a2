import { byBytes, dataError, normalisePart, refuseLimit } from "@stellaops/kernel";
import { workers, type Worker } from "../aggregates.ts";
import type { Expiry, Heartbeat, Registration } from "../repositories/workers.ts";

export const startedWorker = ({ at, ...registration }: Registration): Worker => ({
  ...registration,
  startedAt: at,
  heartbeatAt: at,
  status: "active",
  createdAt: at,
  updatedAt: at,
});

export const restarted = ({ workerId, host, version, capabilities, at }: Registration) => ({
  where: { workerId },
  set: { host, version, capabilities, startedAt: at, heartbeatAt: at, status: "active" as const, updatedAt: at },
});

/** @throws `VALUE_CHOICE` (data) */
export function beating({ workerId, status, at }: Heartbeat) {
  if (status !== "active" && status !== "draining")
    throw dataError("VALUE_CHOICE", "worker: status is active or draining; expire() alone takes one for dead", {
      details: { path: "status" },
    });
  return {
    where: { workerId },
    unless: { status: "expired" as const },
    set: { status, heartbeatAt: at, updatedAt: at },
  };
}

/** @throws `LIMIT_INVALID`, `VALUE_…` (data) */
export function cleanExpiry({ before, limit, at }: Expiry): Expiry {
  const { heartbeatAt, updatedAt } = normalisePart(workers, { heartbeatAt: before, updatedAt: at });
  return { before: heartbeatAt, limit: refuseLimit(limit, 1_000), at: updatedAt };
}

/** Of those that were taken for dead, the longest silent first: PostgreSQL gives what it changed in no order. */
export const namesOf = (silent: readonly Pick<Worker, "id" | "workerId" | "heartbeatAt">[]): readonly string[] =>
  silent
    .toSorted((a, b) => a.heartbeatAt.getTime() - b.heartbeatAt.getTime() || byBytes(a.id, b.id))
    .map(({ workerId }) => workerId);
