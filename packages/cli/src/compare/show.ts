import { findingsOf, type Finding, type FindingClass } from "@stellaops/cutover";
import { aggregatesNamed, dataError, type ModuleDefinition } from "@stellaops/kernel";
import type { Command } from "../context.ts";
import { plural } from "../output/table.ts";
import { wire } from "../stage/wiring.ts";
import { tenantOf } from "../tenant.ts";
import { aggregateLines, countLine, findingLines, whenLine } from "./lines.ts";
import type { CompareShowOptions } from "./options.ts";
import { chosenReceipt } from "./receipts.ts";

/** What the last comparison found, or the one of a file; looks at nothing else. */
export const showCompare =
  (options: CompareShowOptions): Command =>
  async (context) => {
    const wired = wire(context, options.module);
    check(wired.module, options);
    const receipt = await chosenReceipt(wired, options.receipt);
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

const classes: Readonly<Record<FindingClass, true>> = {
  missing: true,
  extra: true,
  stale: true,
  ahead: true,
  differing: true,
  unreadable: true,
  undeclared: true,
};

/** What no finding can be would show none, as if all were well. */
function check(module: ModuleDefinition, options: CompareShowOptions): void {
  const strange = options.class?.find((one) => !Object.hasOwn(classes, one));
  if (strange !== undefined)
    throw dataError(
      "USAGE",
      `"${strange}" is no class of findings; there are ${Object.keys(classes).join(", ")}; --help says what there is`,
    );
  aggregatesNamed(module, options.aggregate);
  if (options.tenant !== undefined) tenantOf(options.tenant);
}

const fits = (
  { class: kinds, aggregate: aggregates, tenant: only }: CompareShowOptions,
  { class: kind, aggregate, tenant }: Finding,
): boolean =>
  (kinds === undefined || kinds.includes(kind)) &&
  (aggregates === undefined || aggregates.includes(aggregate)) &&
  (only === undefined || only === tenant);
