import { conflict, GLOBAL, normaliseKey, normalisePart, notFound, revisionOf } from "@stellaops/kernel";
import { channels } from "../aggregates.ts";

export interface Deletion {
  readonly id: string;
  readonly expected: bigint;
  /** Of one that marks. */
  readonly by?: { readonly by: string; readonly at: Date };
  readonly forced?: boolean | undefined;
}

/** Before either database is asked. @throws `VALUE_…`, `REVISION_INVALID` (data) */
export function refuseNoDeletion({ id, expected, by }: Deletion): void {
  normaliseKey(channels, { id });
  revisionOf(expected);
  if (by !== undefined) normalisePart(channels, { deletedAt: by.at, deletedBy: by.by });
}

/** Of a live channel that so many enabled rules use. @throws `CHANNEL_IN_USE` (conflict) */
export function refuseInUse(id: string, tenant: string, rules: number): void {
  const details = { channelId: id, rules };
  if (tenant === GLOBAL)
    throw conflict("CHANNEL_IN_USE", `channel ${id} is shared, and rules of other tenants may use it; force it`, {
      details,
    });
  if (rules === 0) return;
  throw conflict("CHANNEL_IN_USE", `${rules} enabled rules use channel ${id}; disable or change them, or force it`, {
    details,
  });
}

/** @throws `CHANNEL_MISSING` (not-found), naming the first */
export function refuseMissing(channelIds: readonly string[], found: readonly string[]): void {
  const channelId = channelIds.find((id) => !found.includes(id));
  if (channelId === undefined) return;
  throw notFound("CHANNEL_MISSING", `neither this tenant nor the shared scope has a live channel ${channelId}`, {
    details: { channelId },
  });
}
