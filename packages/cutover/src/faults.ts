/** Each step of a change that a process may die or sleep after; the tests try every one of them. */
export const faultPoints = [
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
