import { manualClock, seededIds, type ClaimRef, type ClaimRequest } from "@stellaops/kernel";
import type { AuditEntry } from "../src/index.ts";

export const noon = new Date("2026-03-01T12:00:00.000Z");
/** So many minutes after `noon`. */
export const minute = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);

const ids = seededIds(manualClock(noon), 42);
export const newId = (): string => ids.next();
let made = 0;
/** A text that no other call gives. */
export const fresh = (word: string): string => `${word}-${(made += 1)}`;

export const stamps = { createdAt: noon, updatedAt: noon };

export const entry = (over: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  actor: "alice",
  action: "channel.disabled",
  targetKind: "channel",
  targetId: fresh("target"),
  details: { why: "holidays" },
  occurredAt: noon,
  ...stamps,
  ...over,
});

export const claim = (over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  limit: 10,
  holder: "w1",
  at: noon,
  until: minute(5),
  claimId: newId(),
  ...over,
});

interface Claimed {
  readonly id: string;
  readonly leaseHolder: string | null;
}
/** The claim that a claimed row is held by. */
export const refOf = (row: Claimed & ({ readonly attempts: bigint } | { readonly attempt: bigint })): ClaimRef => ({
  id: row.id,
  holder: row.leaseHolder ?? "nobody",
  attempt: "attempt" in row ? row.attempt : row.attempts,
});

export const acquiring = (over: Partial<{ key: string; id: string; holder: string; at: Date; until: Date }> = {}) => ({
  key: fresh("lock"),
  id: newId(),
  holder: "w1",
  at: noon,
  until: minute(5),
  ...over,
});
