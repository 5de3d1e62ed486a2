import { seededIds, systemClock } from "@stellaops/kernel";
import type { Rig } from "@stellaops/testkit/module";
import type { Bundle, Paper, Parcel } from "./aggregates.ts";
import type { PressRepositories } from "./repositories.ts";

export type PressRig = () => Rig<PressRepositories>;

const ids = seededIds(systemClock, 23);
export const newId = (): string => ids.next();
/** Minutes after a noon. */
export const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 2, 12, n));
const made = { createdAt: minute(0), updatedAt: minute(0) };
const free = { leaseHolder: null, leaseUntil: null, claimId: null };

export const paper = (over: Partial<Paper> = {}): Paper => {
  const id = newId();
  const lines = [{ name: "first", body: "words" }];
  return {
    id,
    ...made,
    topic: `topic ${id}`,
    code: `code ${id}`,
    status: "draft",
    pinned: false,
    lines,
    notes: [{ body: "a note" }],
    ...over,
  };
};
export const parcel = (over: Partial<Parcel> = {}): Parcel => ({
  id: newId(),
  ...made,
  status: "queued",
  attempt: 0n,
  nextAttemptAt: minute(0),
  error: null,
  ...free,
  ...over,
});
export const bundle = (over: Partial<Bundle> = {}): Bundle => ({
  id: newId(),
  ...made,
  state: "open",
  dueAt: minute(0),
  attempts: 0n,
  ...free,
  ...over,
});
