import type { Db } from "mongodb";
import { misfitsOf } from "../adopt/misfits.ts";
import { awaitCapture } from "../capture/marks.ts";
import { captureState, isUncovered } from "../capture/state.ts";
import type { Check } from "./evidence.ts";

export interface CaptureCheckOptions {
  readonly module: string;
  /** How long the change stream may take to come to what was written until now; 0: it is not waited for, and nothing is written. */
  readonly patienceMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** What other programs wrote to MongoDB until now was captured, none of it was lost, and all of it can be held by the module. */
export async function captureCheck(db: Db, { module, patienceMs, signal }: CaptureCheckOptions): Promise<Check> {
  const passed = patienceMs === 0 || (await awaitCapture(db, { patienceMs, signal }));
  const state = await captureState(db);
  const misfits = await misfitsOf(db).countDocuments({}, { readConcern: { level: "majority" } });
  const lost = isUncovered(state);
  const stamped = state?.stamped ?? 0n;
  return {
    name: "capture",
    passed: passed && !lost && misfits === 0,
    saw: [
      `${stamped} writes of other programs were captured`,
      ...(passed ? [] : ["nobody has captured what was written until now"]),
      ...(lost ? [`some may have been missed (${state?.loss?.reason})`] : []),
      ...(misfits === 0 ? [] : [`${misfits} documents are in a form that the module cannot hold`]),
    ].join("; "),
    fix: !passed
      ? "see that a service is running with the stage record; then try again"
      : lost
        ? `run \`stella-data capture rescan --module ${module}\`, which ends with a comparison`
        : misfits > 0
          ? `\`stella-data capture status --module ${module}\` names them; mend or delete them`
          : null,
    numbers: {
      stamped: String(stamped),
      misfits,
      loss: lost ? String(state?.loss?.number) : null,
      passed: patienceMs === 0 ? null : passed,
    },
  };
}
