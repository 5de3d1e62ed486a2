import { findingsOf, type Finding } from "@stellaops/cutover";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import { wire } from "../stage/wiring.ts";
import { aggregateLines, countLine, findingLines, whenLine } from "./lines.ts";
import type { CompareShowOptions } from "./options.ts";
import { chosenReceipt } from "./receipts.ts";

/** What the last comparison found, or the one of a file; looks at nothing else. */
export const showCompare =
  (options: CompareShowOptions): Command =>
  async (context) => {
    const receipt = await chosenReceipt(wire(context, options.module), options.receipt);
    const { comparison } = receipt;
    const chosen = comparison.aggregates
      .flatMap(({ findings }) => findings)
      .filter((finding) => fits(options, finding));
    const unnamed = comparison.aggregates.reduce((sum, { moreFindings }) => sum + moreFindings, 0);
    const shown = chosen.slice(0, options.limit ?? 100);
    return {
      holds: findingsOf(comparison) === 0,
      result: {
        sha256: receipt.sha256,
        findings: chosen,
        unnamed,
        comparison: { ...comparison, aggregates: undefined },
      },
      lines: [
        whenLine(receipt),
        ...aggregateLines(comparison),
        ...shown.flatMap(findingLines),
        ...(chosen.length > shown.length ? [`… and ${chosen.length - shown.length} more: --limit shows them`] : []),
        ...(unnamed > 0 ? [`${plural(unnamed, "further finding")} counted and not named`] : []),
        countLine(comparison),
        "this check cannot see:",
        ...comparison.cannotSee.map((what) => `  ${what}`),
      ],
    };
  };

const fits = (
  { class: classes, aggregate: aggregates, tenant: only }: CompareShowOptions,
  { class: kind, aggregate, tenant }: Finding,
): boolean =>
  (classes === undefined || classes.includes(kind)) &&
  (aggregates === undefined || aggregates.includes(aggregate)) &&
  (only === undefined || only === tenant);
