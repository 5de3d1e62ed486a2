import {
  compareModule,
  comparisonsOf,
  coverLoss,
  findingsOf,
  lossMark,
  receiptOf,
  receiptText,
  type Receipt,
} from "@stellaops/cutover";
import { writeFile } from "node:fs/promises";
import type { Command } from "../context.ts";
import { mustBeWritable } from "../files.ts";
import { wire } from "../stage/wiring.ts";
import { tenantOf } from "../tenant.ts";
import { aggregateLines, countLine, findingLine } from "./lines.ts";
import type { CompareRunOptions } from "./options.ts";
import { compareOptions } from "./wired.ts";

/** Findings printed; the JSON, `compare show` and the receipt have more. */
const printed = 20;

/** Reads both databases whole, says where they differ, and keeps the receipt. */
export const runCompare =
  ({ module: name, receipt: path, tenant: given, only, workers }: CompareRunOptions): Command =>
  async (context) => {
    const wired = wire(context, name);
    const tenant = given === undefined ? undefined : tenantOf(given);
    await mustBeWritable(path);
    const mark = await lossMark(wired.mongo.db);
    const comparison = await compareModule({
      ...(await compareOptions(context, wired)),
      ...(tenant === undefined ? {} : { tenant }),
      ...(only === undefined ? {} : { only }),
      ...(workers === undefined ? {} : { workers }),
    });
    const receipt = receiptOf(comparison);
    await comparisonsOf(wired.postgres.pool, name).save(receipt);
    if (path !== undefined) await writeFile(path, receiptText(receipt));
    const count = findingsOf(comparison);
    // Writes of other programs that were missed before it began would have been found.
    if (count === 0 && tenant === undefined && only === undefined) await coverLoss(wired.mongo.db, mark);
    return {
      holds: count === 0,
      result: { findings: count, comparison, receipt: { path: path ?? null, sha256: receipt.sha256 } },
      lines: linesOf(receipt, path ?? null),
    };
  };

function linesOf({ comparison, sha256 }: Receipt, path: string | null): readonly string[] {
  const found = comparison.aggregates.flatMap(({ findings }) => findings);
  const more = findingsOf(comparison) - printed;
  return [
    ...aggregateLines(comparison),
    ...found.slice(0, printed).map(findingLine),
    ...(more > 0 ? [`… and ${more} more: \`stella-data compare show --module ${comparison.module}\` has them`] : []),
    countLine(comparison),
    `receipt ${path ?? "kept in PostgreSQL"}, sha256 ${sha256}`,
  ];
}
