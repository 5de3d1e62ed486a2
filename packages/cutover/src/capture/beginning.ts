import type { Db, Timestamp } from "mongodb";
import type { CaptureState } from "./state.ts";
import { momentBefore } from "./stream.ts";

/**
 * Where a stream without a token begins: before replication of this generation did, so that nothing falls between it and the backfill. Null:
 * now, because what was before is lost already and waits for a comparison.
 */
export async function beginningOf(
  db: Db,
  { generation, loss }: Pick<CaptureState, "generation" | "loss">,
): Promise<{ readonly at: Timestamp } | null> {
  if (loss !== null) return null;
  const copies = ["stage_history", "stage"].map((name) =>
    db.collection<{ readonly changedAt: Date }>(name).findOne({ generation }, { sort: { changedAt: 1 } }),
  );
  const times = (await Promise.all(copies)).flatMap((copy) => (copy === null ? [] : [copy.changedAt.getTime()]));
  return times.length === 0 ? null : { at: momentBefore(new Date(Math.min(...times))) };
}
