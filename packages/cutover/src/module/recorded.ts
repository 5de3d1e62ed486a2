import { refused } from "@stellaops/kernel";
import type { Backend } from "./backend.ts";

export const recorded = (module: string): Error =>
  refused(
    "STAGE_RECORDED",
    `module ${module} has a stage record, so its stage is not for one process to fix; open it with stage "record"`,
  );

export interface Watched {
  readonly backend: Backend;
  close(): void;
}

/**
 * For a process with a fixed stage: it enters no fence, so from the moment that the module gets a stage record all its verbs are refused.
 * It looks once a second, off the callers' path; `stage init` is followed by a backfill, which takes longer.
 */
export function untilRecorded(backend: Backend, module: string, look: () => Promise<boolean>): Watched {
  let found = false;
  const refuse = (): void => {
    if (found) throw recorded(module);
  };
  const lookNow = async (): Promise<void> => {
    // A server that does not answer fails the callers by itself; the next look is in a second.
    found ||= await look().catch(() => false);
  };
  const timer = setInterval(() => void lookNow(), 1_000);
  timer.unref();
  return {
    backend: {
      async single(access, work) {
        refuse();
        return backend.single(access, work);
      },
      async transaction(access, work) {
        refuse();
        return backend.transaction(access, work);
      },
    },
    close: () => clearInterval(timer),
  };
}
