import {
  compareModule,
  comparisonsOf,
  isWhole,
  receiptOf,
  repairModule,
  type CompareOptions,
  type Comparison,
  type Repaired,
} from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { findingLine } from "../compare/lines.ts";
import { compareOptions } from "../compare/wired.ts";
import { plural } from "../output/table.ts";
import { settledView, wire, type Wired } from "../stage/wiring.ts";
import { leftLines, parkedLines } from "./lines.ts";
import type { RepairOptions } from "./options.ts";

/** Drains what is pending, applies what is provably lag, and says what is left and why. */
export const runRepair =
  ({ module: name, dryRun = false }: RepairOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    const options = await compareOptions(context, wired);
    const { comparison, known } = await comparisonFor(options, wired);
    const repaired = await repairModule({
      ...options,
      view: await settledView(wired),
      replicas: wired.replicas,
      comparison,
      dryRun,
    });
    const whole = isWhole(repaired) && (!dryRun || (repaired.drained === 0 && repaired.applied.length === 0));
    return {
      holds: whole,
      result: { module: name, dryRun, comparedAt: comparison.finishedAt, ...repaired, whole },
      lines: [
        `${known ? "from the comparison of" : "compared just now,"} ${comparison.finishedAt}`,
        ...linesOf(repaired, dryRun, name),
      ],
    };
  };

/** The last one; without one, the module is compared first. A dry run keeps nothing. */
async function comparisonFor(
  options: CompareOptions,
  { postgres, module: { name } }: Wired,
): Promise<{ readonly comparison: Comparison; readonly known: boolean }> {
  const comparisons = comparisonsOf(postgres.pool, name);
  const last = await comparisons.last();
  if (last !== null) return { comparison: last.comparison, known: true };
  const comparison = await compareModule(options);
  await comparisons.save(receiptOf(comparison));
  return { comparison, known: false };
}

const linesOf = (
  { drained, applied, gone, left, parked, lagging, unnamed }: Repaired,
  dryRun: boolean,
  name: string,
): readonly string[] => [
  dryRun ? `${plural(drained, "key")} pending: would be applied` : `${plural(drained, "pending key")} applied`,
  `${plural(applied.length, "finding")} ${dryRun ? "provably lag: would be applied" : "provably lag: applied"}`,
  ...applied.map((finding) => `  ${findingLine(finding)}`),
  ...(gone.length > 0 ? [`${plural(gone.length, "finding")} gone by now`] : []),
  ...leftLines(left),
  ...parkedLines(parked),
  ...(lagging > 0 ? [`${plural(lagging, "key")} lagging: their replication is pending`] : []),
  ...(unnamed > 0
    ? [
        `${plural(unnamed, "finding")} were counted and not named: run \`stella-data compare run --module ${name}\`, then this again`,
      ]
    : []),
  ...(left.length + parked.length + lagging + unnamed === 0 ? ["nothing is left"] : []),
];
