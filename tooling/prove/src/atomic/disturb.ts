import { setTimeout as wait } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Crew } from "./crew.ts";
import type { Worker } from "./processes.ts";
import type { Holding } from "./scene.ts";

export interface Disturbed {
  readonly killed: number;
  readonly suspended: number;
  /** Holders whose lock another took while they were suspended, and who were told so when they went on. */
  readonly overtaken: number;
}

/** Longer than any lease of the callers. */
const leaseMs = 600;
/** A suspended process may sit on a row that the others need: then it must go on before they can. */
const patienceMs = 2_500;
const pauseMs = 300;
/** Turns that are tried beyond the time, until there was all that is to be there. */
const most = 20;

export interface Disturbance {
  /** What callers may have that others want. */
  readonly kinds: readonly Holding[];
  readonly random: Random;
  readonly going: () => boolean;
}

/** Processes die and are suspended, mostly while they have what others want. */
export async function disturb(crew: Crew, { kinds, random, going }: Disturbance): Promise<Disturbed> {
  let [killed, suspended, overtaken] = [0, 0, 0];
  const all = (): boolean => killed > 0 && (overtaken > 0 || !kinds.includes("lock"));
  for (let turn = 0; going() || (!all() && turn < most); turn += 1) {
    await wait(pauseMs);
    const victim = crew.member(random);
    if (turn % 2 === 0) {
      if (await suspend(crew, victim, kinds)) overtaken += 1;
      suspended += 1;
    } else {
      if (kinds.length > 0) await happens((signal) => victim.holds(random.pick(kinds), signal));
      await crew.kill(victim);
      killed += 1;
    }
  }
  return { killed, suspended, overtaken };
}

/** A process sleeps longer than its leases, where there are locks until another has its lock, and wakes up believing that it still has it. */
async function suspend(crew: Crew, victim: Worker, kinds: readonly Holding[]): Promise<boolean> {
  const what = kinds.includes("lock") ? await happens((signal) => victim.holds("lock", signal)) : null;
  victim.suspend();
  try {
    const others = crew.others(victim);
    if (what !== null) await happens((signal) => Promise.any(others.map((other) => other.holds(what, signal))));
    await wait(leaseMs);
  } finally {
    victim.resume();
  }
  return what !== null && (await happens((signal) => victim.holds(`no more ${what}`, signal))) !== null;
}

/** Null where it did not within reason. */
const happens = (wanted: (signal: AbortSignal) => Promise<string>): Promise<string | null> =>
  wanted(AbortSignal.timeout(patienceMs)).catch(() => null);
