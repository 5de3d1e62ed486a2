import type { Db } from "mongodb";

/** Names an event that never was: where there is no such event in the oplog, the server refuses to go on behind it. */
const nowhere = `8200000001000000012B022C0100296E5A1004${"00".repeat(16)}46645F69640064${"00".repeat(12)}0004`;

/**
 * The token that the capture has saved becomes one that the server refuses (280), as it refuses one that lies before its oplog (286). Who
 * captures meets it when the stream is opened the next time.
 */
export async function loseToken(db: Db): Promise<void> {
  await db
    .collection<{ readonly _id: "capture" }>("captures")
    .updateOne({ _id: "capture" }, { $set: { token: { _data: nowhere } } });
}
