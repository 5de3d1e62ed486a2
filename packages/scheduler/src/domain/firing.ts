import type { MisfireRule } from "../aggregates.ts";
import { firesAfter, lastFire, nextFire, type Timetable } from "./next-fire.ts";

/** What a schedule says about when it fires. */
export interface FireRule extends Timetable {
  readonly misfire: MisfireRule;
  readonly misfireGraceSeconds: number;
}

/** What a trigger that is due comes to. */
export interface Firing {
  /** The fire times that a run is due for, in order: none where all were missed and are skipped. */
  readonly fires: readonly Date[];
  /** Fire times that were missed, whatever became of them. */
  readonly misfires: bigint;
  /** The fire time after the last that was dealt with; it may be due already. Null: never again. */
  readonly next: Date | null;
}

/** One firing is one unit of work, which is short: what is more waits for the next claim, which finds the trigger still due. */
const maxFires = 20;
/** A schedule of every second that was paused for a month is not counted to its end. */
const maxMisfires = 1_000;

/**
 * What has to happen at `at` for a trigger that is due since `due`. A fire time that is more than the grace behind is missed: a service that was
 * paused catches up by the schedule's rule.
 *
 * - `skip`: missed ones are counted and not fired.
 * - `fire_once`: missed ones are counted, and the latest of them is fired for all.
 * - `fire_each`: missed ones are counted and fired, 20 a firing, the oldest first.
 *
 * Those within the grace are fired, each. Of `skip` and `fire_once` at most 1,000 missed ones are counted a firing.
 */
export function firingOf(rule: FireRule, due: Date, at: Date): Firing {
  const missedBefore = new Date(at.getTime() - rule.misfireGraceSeconds * 1_000);
  const passed = rule.misfire === "fire_each" ? nothingPassed : passedOver(rule, due, missedBefore);
  const fires = rule.misfire === "fire_once" && passed.latest !== null ? [passed.latest] : [];
  let missed = passed.count;
  let next = passed.latest === null ? due : nextFire(rule, passed.latest);
  if (next === null || next > at) return { fires, misfires: BigInt(missed), next };
  const rest = firesAfter(rule, next);
  while (next !== null && next <= at && fires.length < maxFires) {
    fires.push(next);
    if (next < missedBefore) missed += 1;
    next = rest.next().value ?? null;
  }
  return { fires, misfires: BigInt(missed), next };
}

interface Passed {
  readonly count: number;
  readonly latest: Date | null;
}
const nothingPassed: Passed = { count: 0, latest: null };

/** The missed fire times from `due` on, without those of them being listed. */
function passedOver(rule: FireRule, due: Date, missedBefore: Date): Passed {
  if (due >= missedBefore) return nothingPassed;
  let count = 1;
  let latest = due;
  for (const fire of firesAfter(rule, due)) {
    if (fire >= missedBefore) return { count, latest };
    if (count === maxMisfires) return { count, latest: lastFire(rule, missedBefore) ?? latest };
    count += 1;
    latest = fire;
  }
  return { count, latest };
}
