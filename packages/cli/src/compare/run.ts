import { compareModule, findingsOf, receiptOf, receiptText, type Comparison, type Finding } from "@stellaops/cutover";
import { writeFile } from "node:fs/promises";
import type { Command } from "../context.ts";
import { plural, table } from "../output/table.ts";
import { reachBoth, settledView, wire } from "../stage/wiring.ts";
import { version } from "../version.ts";
import { compareProgress } from "./progress.ts";

export interface CompareRunOptions {
  readonly module: string;
  readonly receipt?: string;
  readonly tenant?: string;
  readonly only?: readonly string[];
}

/** Findings printed; the JSON and the receipt hold more. */
const printed = 20;

/** Reads both databases whole and says where they differ. */
export const runCompare =
  ({ module: name, receipt, tenant, only }: CompareRunOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    await reachBoth(wired);
    const view = await settledView(wired);
    const comparison = await compareModule({
      module: wired.module,
      postgres: wired.postgres.pool,
      mongo: wired.mongo.db,
      view,
      signal: context.signal,
      onProgress: await compareProgress(context, wired),
      toolVersion: version,
      ...(tenant === undefined ? {} : { tenant }),
      ...(only === undefined ? {} : { only }),
    });
    const written = receipt === undefined ? null : await write(receipt, comparison);
    return {
      holds: findingsOf(comparison) === 0,
      result: { findings: findingsOf(comparison), comparison, receipt: written },
      lines: linesOf(comparison, written),
    };
  };

async function write(
  path: string,
  comparison: Comparison,
): Promise<{ readonly path: string; readonly sha256: string }> {
  const made = receiptOf(comparison);
  await writeFile(path, receiptText(made));
  return { path, sha256: made.sha256 };
}

function linesOf(comparison: Comparison, receipt: { readonly path: string; readonly sha256: string } | null) {
  const { aggregates } = comparison;
  const found = aggregates.flatMap(({ findings }) => findings);
  const count = findingsOf(comparison);
  return [
    ...table(
      ["aggregate", "mongo", "postgres", "findings", "lagging", "digest"],
      aggregates.map(({ aggregate, rows, findings, moreFindings, lagging, digest }) => [
        aggregate,
        rows.mongo,
        rows.postgres,
        findings.length + moreFindings,
        lagging,
        digest.mongo === digest.postgres ? "equal" : "differs",
      ]),
    ),
    ...found.slice(0, printed).map(sentenceOf),
    ...(count > printed ? [`… and ${count - printed} more: --json or --receipt has them`] : []),
    count === 0 ? "no findings: both databases hold the same" : plural(count, "finding"),
    ...(receipt === null ? [] : [`receipt ${receipt.path}, sha256 ${receipt.sha256}`]),
  ];
}

const sentenceOf = ({ aggregate, tenant, id, class: kind, paths }: Finding): string =>
  `${kind} ${aggregate}${id === null ? "" : ` ${tenant ?? ""}/${id}`}${paths.length === 0 ? "" : `: ${paths.map(({ path }) => path).join(", ")}`}`;
