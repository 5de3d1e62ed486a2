import type { CompareProgress } from "@stellaops/cutover";
import type { Context } from "../context.ts";
import { progressOf } from "../output/progress.ts";
import type { Wired } from "../stage/wiring.ts";
import { countOf } from "./count.ts";

/** Shows how far a comparison has come, over all aggregates and both databases. */
export async function compareProgress(
  { terminal }: Context,
  wired: Wired,
): Promise<(progress: CompareProgress) => void> {
  const total = (await countOf(wired, "mongo")) + (await countOf(wired, "postgres"));
  const shown = progressOf(terminal, "compare", total);
  const seen = new Map<string, number>();
  return ({ aggregate, rows }) => {
    seen.set(aggregate, rows.mongo + rows.postgres);
    shown.update(
      [...seen.values()].reduce((sum, count) => sum + count, 0),
      `${aggregate}: `,
    );
  };
}
