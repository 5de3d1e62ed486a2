import { recomputeReceipt } from "@stellaops/cutover";
import { dataError } from "@stellaops/kernel";
import type { Command } from "../context.ts";
import { table } from "../output/table.ts";
import { wire } from "../stage/wiring.ts";
import { version } from "../version.ts";
import { whenLine } from "./lines.ts";
import { receiptFrom } from "./receipts.ts";
import { compareOptions } from "./wired.ts";

const named = 20;

/** Computes a receipt's own digest and those of its ranges anew, and says what still holds. */
export const verifyReceiptFile =
  (path: string, module: string | undefined): Command =>
  async (context) => {
    const receipt = await receiptFrom(path);
    const { comparison } = receipt;
    if (module !== undefined && module !== comparison.module)
      throw dataError("RECEIPT_MODULE", `this receipt is of module ${comparison.module}, not of ${module}`);
    const wired = wire(context, comparison.module);
    const { holds, epoch, aggregates } = await recomputeReceipt(await compareOptions(context, wired), comparison);
    const not = aggregates.flatMap(({ aggregate, not: ranges }) => ranges.map((range) => ({ aggregate, ...range })));
    const sameTool = comparison.toolVersion === version;
    return {
      holds,
      result: { sha256: receipt.sha256, genuine: true, epoch, toolVersion: comparison.toolVersion, aggregates },
      lines: [
        whenLine(receipt),
        "the receipt is as it was written: its digest was computed again",
        ...table(
          ["aggregate", "ranges that hold", "changed since", "differ"],
          aggregates.map(({ aggregate, ranges }) => [aggregate, ranges.holds, ranges.changed, ranges.differs]),
        ),
        ...not
          .slice(0, named)
          .map(
            (one) =>
              `${one.state}: ${one.aggregate} behind ${one.after ?? "the beginning"} up to ${one.upTo ?? "the end"}`,
          ),
        ...(not.length > named ? [`… and ${not.length - named} more: --json has them`] : []),
        ...(epoch.stated === epoch.now ? [] : [`the stage has changed: epoch ${epoch.stated} then, ${epoch.now} now`]),
        ...(sameTool ? [] : [`written by version ${comparison.toolVersion ?? "unknown"}, recomputed by ${version}`]),
        holds ? "everything that it states still holds" : "not everything that it states holds today",
      ],
    };
  };
