import { recheckFindings } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import { wire } from "../stage/wiring.ts";
import { findingLine, findingLines } from "./lines.ts";
import type { CompareShowOptions } from "./options.ts";
import { chosenReceipt } from "./receipts.ts";
import { compareOptions } from "./wired.ts";

/** Looks again only where the last comparison, or the one of a file, has found something. */
export const recheckCompare =
  ({ module: name, receipt }: Pick<CompareShowOptions, "module" | "receipt">): Command =>
  async (context) => {
    const wired = wire(context, name);
    const { comparison } = await chosenReceipt(wired, receipt);
    const unnamed = comparison.aggregates.reduce((sum, { moreFindings }) => sum + moreFindings, 0);
    const { findings, gone, lagging } = await recheckFindings(await compareOptions(context, wired), comparison);
    return {
      holds: findings.length === 0 && unnamed === 0,
      result: { findings, gone, lagging, unnamed },
      lines: [
        ...gone.map((finding) => `gone: ${findingLine(finding)}`),
        ...findings.flatMap(findingLines),
        ...(lagging > 0 ? [`${plural(lagging, "key")} lagging: their replication is pending`] : []),
        ...(unnamed > 0
          ? [
              `${plural(unnamed, "finding")} were counted and not named: run \`stella-data compare run --module ${name}\``,
            ]
          : []),
        `${plural(findings.length, "finding")} left, ${gone.length} gone`,
      ],
    };
  };
