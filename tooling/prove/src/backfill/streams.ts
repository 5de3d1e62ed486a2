import type { Mongo } from "@stellaops/mongo";
import type { Document } from "mongodb";

/** A cursor of a change stream, on the server. */
interface Cursor {
  readonly collection: string;
  readonly id: bigint;
}

/** Watched is the whole database by the capture, and single collections for changes of the stage. */
export const captureCollection = "$cmd.aggregate";

/** Change streams on the module's database that are open now. */
export async function openStreams({ client, db }: Mongo): Promise<readonly Cursor[]> {
  const stages = [{ $currentOp: { allUsers: true, idleCursors: true } }, { $match: { cursor: { $exists: true } } }];
  // The only read concern that the server takes here.
  const all = await client
    .db("admin")
    .aggregate<Document>(stages, { readConcern: { level: "local" } })
    .toArray();
  const prefix = `${db.databaseName}.`;
  return all.flatMap(({ ns, cursor }: Document) => {
    const [first] = (cursor?.originatingCommand?.pipeline ?? []) as Document[];
    return String(ns).startsWith(prefix) && first?.["$changeStream"] !== undefined
      ? [{ collection: String(ns).slice(prefix.length), id: BigInt(cursor.cursorId) }]
      : [];
  });
}

/** All of them break off at the server. How many of them captured. */
export async function breakStreams(mongo: Mongo): Promise<number> {
  let broken = 0;
  for (const { collection, id } of await openStreams(mongo)) {
    const { cursorsKilled = [] } = await mongo.db.command({ killCursors: collection, cursors: [id] });
    if (collection === captureCollection) broken += (cursorsKilled as unknown[]).length;
  }
  return broken;
}
