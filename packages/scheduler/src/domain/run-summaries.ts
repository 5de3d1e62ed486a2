import type { Stored } from "@stellaops/kernel";
import type { Run, runs, RunSummary } from "../aggregates.ts";

/** Where the sum of findings stays: above it a JSON number is no longer exact, and the databases would differ. */
export const maxFindings = Number.MAX_SAFE_INTEGER;

/** A run that has ended, as far as its summary counts it. */
export interface Ended {
  readonly scheduleId: string;
  readonly runId: string;
  readonly state: "completed" | "failed" | "canceled";
  readonly finishedAt: Date;
  readonly findings: number;
}

/** What a run that was just marked counts for. */
export function endedOf({ id, scheduleId, state, finishedAt, stats }: Run): Ended {
  if (scheduleId === null || finishedAt === null)
    throw new TypeError("a run is marked when it has ended, and has a schedule");
  return { scheduleId, runId: id, state: state as Ended["state"], finishedAt, findings: findingsOf(stats) };
}

/** The schedule of an own run that was counted before; null for any other. */
export const countedFor = (run: Stored<typeof runs> | null, tenant: string): string | null =>
  run === null || run.tenantId !== tenant || run.summarisedAt === null ? null : run.scheduleId;

/** The number that `finding_count` is generated from; what is no count is none. */
function findingsOf(stats: unknown): number {
  const found = typeof stats === "object" && stats !== null && "findingCount" in stats ? stats.findingCount : 0;
  return typeof found === "number" && found >= 0 && found <= maxFindings ? Math.trunc(found) : 0;
}

/** Of a schedule none of whose runs was counted yet. */
export const firstSummary = ({ scheduleId, runId, state, finishedAt, findings }: Ended, at: Date): RunSummary => ({
  // A run is counted once, so its id is a summary's alone; every process that counts it first would make the same.
  id: runId,
  scheduleId,
  lastRunId: runId,
  lastState: state,
  lastFinishedAt: finishedAt,
  runs: 1n,
  failures: state === "failed" ? 1n : 0n,
  lastCompletedAt: state === "completed" ? finishedAt : null,
  counters: { completed: 0, failed: 0, canceled: 0, findings, [state]: 1 },
  createdAt: at,
  updatedAt: at,
});
