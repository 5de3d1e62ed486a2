import type { Servers } from "@stellaops/servers";
import type { Outcome } from "./experiment.ts";
import { experiments } from "./experiments.ts";
import type { ProveOptions } from "./options.ts";

export interface Run {
  readonly options: ProveOptions;
  readonly servers: Servers;
  /** Progress, for people. */
  readonly log: (line: string) => void;
  /** The rows. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface ExperimentReport extends Outcome {
  readonly experiment: string;
  readonly seed: number;
  readonly seconds: number;
  readonly holds: boolean;
}

export interface Report {
  readonly postgres: string;
  readonly mongo: string;
  readonly node: string;
  readonly full: boolean;
  readonly sabotage: string | null;
  readonly holds: boolean;
  readonly experiments: readonly ExperimentReport[];
}

/** One after the other, one line each; one that cannot run does not hold. */
export async function runAll(run: Run): Promise<Report> {
  const { options, servers } = run;
  const reports: ExperimentReport[] = [];
  for (const name of options.names) {
    if (run.signal.aborted) break;
    const report = await runOne(run, name);
    reports.push(report);
    run.tell(lineOf(report));
    for (const sentence of report.broken.slice(0, 20)) run.tell(`    ${sentence}`);
    if (report.broken.length > 20) run.tell(`    and ${report.broken.length - 20} more`);
  }
  return {
    postgres: servers.postgres.version,
    mongo: servers.mongo.version,
    node: process.version,
    full: options.full,
    sabotage: options.sabotage,
    holds: reports.every(({ holds }) => holds),
    experiments: reports,
  };
}

async function runOne({ options, servers, log, signal }: Run, name: string): Promise<ExperimentReport> {
  const experiment = experiments[name];
  if (experiment === undefined) throw new RangeError(`no experiment ${name}`);
  const { seed, full, sabotage } = options;
  const seconds = options.seconds ?? (full ? Number.POSITIVE_INFINITY : experiment.seconds);
  const begun = performance.now();
  log(`${name}: seed ${seed}${sabotage === null ? "" : `, sabotage ${sabotage}`}`);
  let outcome: Outcome;
  try {
    outcome = await experiment.run({ servers, seed, seconds, full, sabotage, log: (line) => log(`  ${line}`), signal });
  } catch (error) {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    outcome = {
      counts: {},
      broken: [`it could not be run to the end: ${error instanceof Error ? error.message : String(error)}`],
    };
  }
  const took = Math.round((performance.now() - begun) / 100) / 10;
  return { experiment: name, seed, seconds: took, holds: outcome.broken.length === 0, ...outcome };
}

const lineOf = ({ experiment, holds, seed, seconds, counts }: ExperimentReport): string =>
  [
    experiment.padEnd(12),
    holds ? "holds " : "BROKEN",
    ...Object.entries(counts).map(([name, value]) => `${name} ${value}`),
    `${seconds} s`,
    `seed ${seed}`,
  ].join("  ");
