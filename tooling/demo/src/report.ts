import type { Switch } from "./operator.ts";
import { table } from "./screen.ts";
import type { Tally } from "./tally.ts";

/** The last line of `--json`, as it is. */
export interface Report {
  /** The path that was given, or `generated`. */
  readonly feed: string;
  readonly documents: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly differences: number;
  readonly callsFailed: number;
  /** Services that were ended by SIGKILL. */
  readonly killed: number;
  readonly switches: readonly Switch[];
  /** Versions of the servers. */
  readonly postgres: string;
  readonly mongo: string;
  readonly seconds: number;
}

export const summaryOf = (report: Report, { calls, worstMs }: Tally): readonly string[] =>
  table([
    ["acknowledged writes", report.acknowledged],
    ["lost", report.lost],
    ["differing", report.differences],
    ["calls", calls],
    ["calls failed", report.callsFailed],
    ["worst caller latency, ms", worstMs],
    ...report.switches.map(({ from, to, ms }): [string, number] => [`${from} to ${to}, ms`, ms]),
    ["seconds in all", report.seconds],
  ]);
