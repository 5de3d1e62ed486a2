/** Points after which a process may die or sleep; tests and proofs try every one of them. Named for what has just happened. */
export const faultPoints = [
  // A change of the stage (steps.ts).
  "after-intention",
  "after-fence",
  "after-drain",
  "after-ready",
  "after-decision",
  "after-leases",
  "after-open-new",
  "after-settled-new",
  "after-revert",
  "after-close-old",
  "after-open",
  "after-settled",
  // A unit of work of a service (module/runner.ts).
  "unit-begun",
  "unit-written",
  "unit-committed",
  "unit-handed",
  // A read lease (live-stage.ts).
  "lease-granted",
  "lease-ended",
  // Applier and replicator (replication/).
  "apply-taken",
  "apply-read",
  "apply-applied",
  "apply-cleared",
  "apply-parked",
  "drain-found",
  // Backfill and sweep (replication/).
  "backfill-claimed",
  "backfill-scanned",
  "backfill-applied",
  "backfill-saved",
  "backfill-finished",
  "backfill-closed",
  "backfill-swept",
  "backfill-recorded",
  // The purge of tombstones.
  "purge-closed",
  "purge-deleted",
  // The capture of writes from outside.
  "capture-seen",
  "capture-stamped",
  "capture-saved",
  // Adoption and repair.
  "adopt-stamped",
  "adopt-saved",
  "repair-applied",
] as const;

export type FaultPoint = (typeof faultPoints)[number];

export interface Faults {
  at(point: FaultPoint): void | Promise<void>;
}

export const noFaults: Faults = { at: () => {} };

/** `STELLA_FAULT=after-ready` kills this process at that point, as a power cut would. For tests. */
export const envFaults = (environment: NodeJS.ProcessEnv = process.env): Faults => ({
  at(point) {
    if (environment["STELLA_FAULT"] !== point) return;
    process.kill(process.pid, "SIGKILL");
    return new Promise(() => {});
  },
});
