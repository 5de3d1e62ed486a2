import type { KeyRange } from "./range.ts";
import type { MongoRows } from "./record.ts";

/** Parts for each worker: one that has met many differences does not keep the others waiting. */
const each = 4;

/** Cuts an aggregate's keys into parts that workers take one after the other; one part for one worker, and for one tenant. */
export async function spansOf(mongo: MongoRows, workers: number, tenant: string | null): Promise<readonly KeyRange[]> {
  const cuts = workers === 1 || tenant !== null ? [] : await mongo.cuts(each * workers);
  return [...cuts, null].map((upTo, i) => ({ after: cuts[i - 1] ?? null, upTo, tenant }));
}
