import type { Aggregate } from "@stellaops/kernel";
import { mapError, type StoredDocument } from "@stellaops/mongo";
import type { Db } from "mongodb";
import { rangesOf, sampleOf } from "../replication/ranges.ts";
import type { Position, Ranges } from "../replication/replica.ts";

export async function ranges(db: Db, { table }: Aggregate, size: number): Promise<Ranges> {
  const documents = db.collection<StoredDocument>(table);
  try {
    const estimate = await documents.estimatedDocumentCount();
    const sample = sampleOf(estimate, size);
    if (sample === 0) return rangesOf(estimate, size, []);
    const keys = await documents
      .aggregate<Position>(
        [
          { $sample: { size: sample } },
          { $match: { tenantId: { $type: "string" }, id: { $type: "string" } } },
          { $project: { _id: 0, tenant: "$tenantId", id: 1 } },
          { $sort: { tenant: 1, id: 1 } },
        ],
        { allowDiskUse: true },
      )
      .toArray();
    return rangesOf(estimate, size, keys);
  } catch (error) {
    throw mapError(error);
  }
}
