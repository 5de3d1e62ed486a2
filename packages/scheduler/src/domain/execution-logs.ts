import { dataError } from "@stellaops/kernel";
import type { ExecutionLog } from "../aggregates.ts";

/** Lines that `tail` can show: it begins after 0. @throws `VALUE_OUT_OF_RANGE` (data) */
export function numbered(lines: readonly ExecutionLog[]): readonly ExecutionLog[] {
  if (lines.some((line: ExecutionLog | null | undefined) => (line?.sequence ?? 1n) < 1n))
    throw dataError("VALUE_OUT_OF_RANGE", "execution_log: sequence is 1 or more", { details: { path: "sequence" } });
  return lines;
}
