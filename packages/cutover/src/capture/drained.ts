import { refused } from "@stellaops/kernel";
import type { Db } from "mongodb";
import type { Drained } from "../change.ts";
import { deleteMark, isPassed, setMark } from "./marks.ts";
import { captureState, isUncovered } from "./state.ts";

/**
 * Before MongoDB ceases to be the primary: everything that its change stream has told until after the fence was captured. A write of another
 * program that was met behind the fence, and a lost position, take the move back at once.
 */
export function drainedWithCapture(drained: Drained, db: Db): Drained {
  /** By epoch: set after the epoch was closed. */
  const marks = new Map<bigint, { readonly mark: string; passed: boolean }>();
  return async (from, after) => {
    if (from.database !== "mongo") return drained(from, after);
    const state = await captureState(db);
    if (isUncovered(state))
      throw refused(
        "CAPTURE_LOST",
        `writes of other programs may have been missed: ${state?.loss?.reason}; compare the databases first`,
      );
    if (state?.blocked?.epoch === from.epoch)
      throw refused(
        "CAPTURE_BEHIND_FENCE",
        `another program wrote ${state.blocked.document} while the primary was moving; stop it first`,
      );
    const at = marks.get(from.epoch) ?? { mark: await setMark(db), passed: false };
    marks.set(from.epoch, at);
    if (!at.passed) {
      at.passed = await isPassed(db, at.mark);
      if (!at.passed) return false;
      await deleteMark(db, at.mark);
    }
    return drained(from, after);
  };
}
