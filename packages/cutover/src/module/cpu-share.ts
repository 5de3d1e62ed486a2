import { performance } from "node:perf_hooks";

const windowMs = 100;

/**
 * How busy this process's event loop is, 0 to 1: looked at when it is asked for, at most ten times a second, so that it costs nothing
 * where nobody asks. A machine that is short of CPU shows here too, since then everything takes longer.
 */
export function cpuShare(): () => number {
  let since = performance.now();
  let before = performance.eventLoopUtilization();
  let share = 0;
  return () => {
    const now = performance.now();
    if (now - since < windowMs) return share;
    since = now;
    const current = performance.eventLoopUtilization();
    share = performance.eventLoopUtilization(current, before).utilization;
    before = current;
    return share;
  };
}
