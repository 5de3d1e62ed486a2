import { setTimeout as wait } from "node:timers/promises";
import { quantile, rounded } from "../latency.ts";
import type { PolicyJobs } from "./policy-jobs.ts";

export interface Offer {
  readonly callers: number;
  /** Jobs that come, and claims of one that are made, each second. */
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Taken {
  /** Jobs. */
  readonly claimed: number;
  /** Jobs a second. */
  readonly rate: number;
  /** Milliseconds of one claim. */
  readonly p50: number;
  readonly p99: number;
}

/** Jobs come and are claimed one by one at a steady rate; callers that fall behind go on without a pause. */
export async function offered({ add, onPostgres }: PolicyJobs, { callers, perSecond, seconds }: Offer): Promise<Taken> {
  await add(perSecond);
  const begun = performance.now();
  const until = (ms: number): Promise<void> => wait(Math.max(0, begun + ms - performance.now()));
  const times: number[] = [];
  let claimed = 0;
  const producer = async (): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await until(second * 1_000);
      await add(perSecond);
    }
  };
  const caller = async (first: number): Promise<void> => {
    for (let turn = first; turn < perSecond * seconds; turn += callers) {
      await until((turn * 1_000) / perSecond);
      const asked = performance.now();
      if (asked - begun > seconds * 1_000) return;
      const got = await onPostgres.claim(1);
      claimed += got;
      times.push(performance.now() - asked);
    }
  };
  await Promise.all([producer(), ...Array.from({ length: callers }, (_, index) => caller(index))]);
  const rate = (claimed * 1_000) / (performance.now() - begun);
  return { claimed, rate: Math.round(rate), p50: rounded(quantile(times, 0.5)), p99: rounded(quantile(times, 0.99)) };
}
