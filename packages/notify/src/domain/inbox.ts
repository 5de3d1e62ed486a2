import { normaliseKey, refuseLimit } from "@stellaops/kernel";
import { inbox } from "../aggregates.ts";
import type { ReadAll } from "../repositories/inbox.ts";

export const read = (id: string, at: Date) => ({
  where: { id, readAt: null },
  set: { ...normaliseKey(inbox, { readAt: at }), updatedAt: at },
});

export const archived = (id: string, at: Date) => ({
  where: { id, archivedAt: null },
  set: { ...normaliseKey(inbox, { archivedAt: at }), updatedAt: at },
});

/** @throws `LIMIT_INVALID`, `VALUE_…` (data) */
export function cleanReadAll({ userId: user, limit, at }: ReadAll): ReadAll {
  const { userId, readAt } = normaliseKey(inbox, { userId: user, readAt: at });
  return { userId, limit: refuseLimit(limit, 1_000), at: readAt };
}
