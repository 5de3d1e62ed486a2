import type { Servers } from "@stellaops/servers";
import type { Experiment, Outcome } from "./experiment.ts";
import type { ProveOptions } from "./options.ts";
import { strayRejections } from "./stray.ts";

export interface Run {
  readonly experiments: Readonly<Record<string, Experiment>>;
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
  /** Null: the engine as it is. */
  readonly sabotage: string | null;
  readonly seed: number;
  readonly seconds: number;
  /** False when it could not be carried through: that proves nothing, neither for nor against. */
  readonly complete: boolean;
  /** Nothing was broken, and it was carried through. */
  readonly holds: boolean;
}

export interface Report {
  readonly postgres: string;
  readonly mongo: string;
  readonly node: string;
  readonly full: boolean;
  readonly sabotage: string | null;
  /** With `all`: every sabotage was reported. Otherwise: everything held. */
  readonly holds: boolean;
  readonly experiments: readonly ExperimentReport[];
}

/** One after the other, a row each; stops at an interruption, which is no result. */
export async function runAll(run: Run): Promise<Report> {
  const { options, servers } = run;
  const all = options.sabotage === "all";
  const reports: ExperimentReport[] = [];
  for (const [name, sabotage] of tasksOf(run)) {
    if (run.signal.aborted) break;
    const report = await runOne(run, name, sabotage);
    if (run.signal.aborted) break;
    reports.push(report);
    run.tell(all ? sabotageRow(report) : row(report));
    if (!all || !reported(report)) for (const sentence of told(report.broken)) run.tell(`    ${sentence}`);
  }
  return {
    postgres: servers.postgres.version,
    mongo: servers.mongo.version,
    node: process.version,
    full: options.full,
    sabotage: options.sabotage,
    holds: reports.every((report) => (all ? reported(report) : report.holds)),
    experiments: reports,
  };
}

function tasksOf({ experiments, options }: Run): readonly (readonly [string, string | null])[] {
  const { names, sabotage } = options;
  if (sabotage !== "all") return names.map((name) => [name, sabotage]);
  return names.flatMap((name) =>
    Object.keys(experiments[name]?.sabotages ?? {}).map((kind): [string, string] => [name, kind]),
  );
}

async function runOne(run: Run, name: string, sabotage: string | null): Promise<ExperimentReport> {
  const { experiments, options, servers, log, signal } = run;
  const experiment = experiments[name];
  if (experiment === undefined) throw new RangeError(`no experiment ${name}`);
  const { seed, full } = options;
  const seconds = options.seconds ?? (full ? Number.POSITIVE_INFINITY : experiment.seconds);
  const begun = performance.now();
  log(`${name}: seed ${seed}${sabotage === null ? "" : `, sabotage ${sabotage}`}`);
  const stray = strayRejections();
  let outcome: Outcome = { counts: {}, broken: [] };
  let failure: unknown;
  try {
    outcome = await experiment.run({ servers, seed, seconds, full, sabotage, log: (line) => log(`  ${line}`), signal });
  } catch (error) {
    failure = error ?? new Error("nothing was thrown");
    if (!signal.aborted) log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const broken = [
    ...outcome.broken,
    ...(failure === undefined ? [] : [`it could not be carried through: ${messageOf(failure)}`]),
    ...(await stray.end()).map((reason) => `a rejection that nobody handled: ${messageOf(reason)}`),
  ];
  return {
    experiment: name,
    sabotage,
    seed,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
    complete: failure === undefined,
    holds: broken.length === 0,
    counts: outcome.counts,
    broken,
  };
}

/** A run that broke down has not shown that its check sees anything. */
const reported = ({ complete, holds }: ExperimentReport): boolean => complete && !holds;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const most = 20;
const told = (broken: readonly string[]): readonly string[] =>
  broken.length <= most ? broken : [...broken.slice(0, most), `and ${broken.length - most} more`];

const row = ({ experiment, holds, seed, seconds, counts }: ExperimentReport): string =>
  [
    experiment.padEnd(12),
    holds ? "holds " : "BROKEN",
    ...Object.entries(counts).map(([name, value]) => `${name} ${value}`),
    `${seconds} s`,
    `seed ${seed}`,
  ].join("  ");

const sabotageRow = (report: ExperimentReport): string =>
  [
    report.experiment.padEnd(12),
    (report.sabotage ?? "").padEnd(24),
    reported(report) ? "reported" : "MISSED  ",
    ...(reported(report) ? [report.broken[0]] : []),
    `${report.seconds} s`,
    `seed ${report.seed}`,
  ].join("  ");
