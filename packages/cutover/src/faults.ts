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

/** Kills this process at the point, the `times`-th time that it comes there, as a power cut would. */
export function killAt(point: FaultPoint, times = 1): Faults {
  let left = times;
  return {
    at(reached) {
      if (reached !== point || (left -= 1) !== 0) return;
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => {});
    },
  };
}

/**
 * `STELLA_FAULT=after-ready` kills this process at that point, `STELLA_FAULT=apply-read:3` the third time. For tests and proofs.
 * @throws TypeError when the variable names no point
 */
export function envFaults(environment: NodeJS.ProcessEnv = process.env): Faults {
  const { STELLA_FAULT: fault } = environment;
  if (fault === undefined) return noFaults;
  const [name = "", times = "1"] = fault.split(":");
  const point = faultPoints.find((known) => known === name);
  if (point === undefined) throw new TypeError(`STELLA_FAULT names no point: "${name}"`);
  return killAt(point, Number(times));
}
