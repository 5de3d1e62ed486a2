import { setImmediate as turn } from "node:timers/promises";

/** Collects rejections that nobody handles, until the end: without it the first would end the process, and the servers would stay. */
export function strayRejections(): { end(): Promise<readonly unknown[]> } {
  const reasons: unknown[] = [];
  const collect = (reason: unknown): void => void reasons.push(reason);
  process.on("unhandledRejection", collect);
  return {
    async end() {
      // Node tells of them after the microtasks of the turn in which they came.
      await turn();
      process.off("unhandledRejection", collect);
      return reasons;
    },
  };
}
