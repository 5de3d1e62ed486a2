import { raised } from "@stellaops/mongo";
import type { Db } from "mongodb";
import { noReads, type ShadowCounts, type ShadowTable } from "../module/shadow-counts.ts";

interface ShadowDocument extends ShadowCounts {
  readonly _id: string;
  readonly epoch: bigint;
  readonly instance: string;
  readonly toldAt: Date;
}

const names = ["sampled", "agreed", "lagged", "differed", "failed"] as const;
/** Counts are written as Long and read as bigint, whatever their size. */
const each = <T>(of: (name: (typeof names)[number]) => T) => Object.fromEntries(names.map((name) => [name, of(name)]));

export function mongoShadow(db: Db): ShadowTable {
  const told = db.collection<ShadowDocument>("shadow");
  return {
    async tell(epoch, instance, counts) {
      await told
        .updateOne(
          { _id: `${epoch}/${instance}` },
          {
            $max: each((name) => BigInt(counts[name])),
            $set: { epoch, instance },
            $currentDate: { toldAt: true },
          },
          { upsert: true },
        )
        .catch(raised);
      await told.deleteMany({ epoch: { $lt: epoch - 100n } }).catch(raised);
    },
    async totals(epoch) {
      const sums = each((name) => ({ $sum: `$${name}` }));
      const pipeline = [{ $match: { epoch } }, { $group: { _id: null, ...sums } }];
      const [found] = await told.aggregate<Record<string, bigint>>(pipeline).toArray().catch(raised);
      return found === undefined ? noReads : (each((name) => Number(found[name] ?? 0)) as unknown as ShadowCounts);
    },
  };
}
