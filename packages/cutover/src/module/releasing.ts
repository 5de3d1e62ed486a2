import { codeOf, type Logger } from "@stellaops/kernel";
import type { Sides } from "../side.ts";
import type { StageSource } from "../source.ts";
import { within } from "../within.ts";

const everyMs = 1_000;

/**
 * To be told of each attempt that failed. MongoDB keeps the transaction of a killed process for a minute, and whoever writes one of its keys
 * meets a conflict for as long: then what has outlived every cap is ended.
 */
export function releasing({ mongo }: Sides, stage: StageSource, logger: Logger): (error: unknown) => void {
  let next = 0;
  const release = async (): Promise<void> => {
    try {
      await within(everyMs * 10, mongo.fence.release(stage.current().epoch));
    } catch (error) {
      logger.debug({ err: error }, "what a dead process left open could not be ended; it ends by itself");
    }
  };
  return (error) => {
    if (codeOf(error) !== "SERIALIZATION_FAILURE" || performance.now() < next) return;
    next = performance.now() + everyMs;
    void release();
  };
}
