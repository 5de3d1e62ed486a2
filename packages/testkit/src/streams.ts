import type { Db, Document } from "mongodb";

/** A cursor of a change stream, on the server. */
export interface OpenStream {
  readonly collection: string;
  readonly id: bigint;
}

/** In place of a collection: the whole database is watched, as a capture does; changes of the stage are watched in one collection. */
export const wholeDatabase = "$cmd.aggregate";

/** Change streams on this database that are open now, whoever reads them. */
export async function openStreams(db: Db): Promise<readonly OpenStream[]> {
  const stages = [{ $currentOp: { allUsers: true, idleCursors: true } }, { $match: { cursor: { $exists: true } } }];
  // The only read concern that the server takes here.
  const all = await db.client
    .db("admin")
    .aggregate<Document>(stages, { readConcern: { level: "local" } })
    .toArray();
  const prefix = `${db.databaseName}.`;
  return all.flatMap(({ ns, cursor }: Document) => {
    // By what it was asked: while the server waits for an event, the operation's own name is a shorter one.
    const { pipeline = [], aggregate: asked } = (cursor?.originatingCommand ?? {}) as Document;
    if (!String(ns).startsWith(prefix) || (pipeline as Document[])[0]?.["$changeStream"] === undefined) return [];
    return [{ collection: typeof asked === "string" ? asked : wholeDatabase, id: BigInt(cursor.cursorId) }];
  });
}

/** All of them break off at the server. How many of them watched the whole database. */
export async function breakStreams(db: Db): Promise<number> {
  let broken = 0;
  for (const { collection, id } of await openStreams(db)) {
    const { cursorsKilled = [] } = await db.command({ killCursors: collection, cursors: [id] });
    if (collection === wholeDatabase) broken += (cursorsKilled as unknown[]).length;
  }
  return broken;
}
