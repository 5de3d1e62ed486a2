import { raised } from "@stellaops/mongo";
import { ObjectId, type Db } from "mongodb";
import { until } from "../until.ts";

export const marksName = "capture_marks";

const marksOf = (db: Db) => db.collection<{ readonly _id: string }>(marksName);

/**
 * A document that whoever captures deletes when the stream has come to it: once it is gone, everything that was written before it has had
 * its effect.
 */
export async function setMark(db: Db): Promise<string> {
  const _id = new ObjectId().toHexString();
  await marksOf(db).insertOne({ _id }).catch(raised);
  return _id;
}

export const isPassed = async (db: Db, mark: string): Promise<boolean> =>
  (await marksOf(db).findOne({ _id: mark }).catch(raised)) === null;

export async function deleteMark(db: Db, mark: string): Promise<void> {
  await marksOf(db).deleteOne({ _id: mark });
}

/** Sets a mark and waits for it; false when nobody has come to it in time. */
export async function awaitCapture(
  db: Db,
  { patienceMs, signal }: { readonly patienceMs: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const mark = await setMark(db);
  try {
    return await until(() => isPassed(db, mark), { deadlineMs: patienceMs, pauseMs: 20, signal });
  } finally {
    await deleteMark(db, mark);
  }
}
