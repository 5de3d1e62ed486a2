import { familyOf, transient } from "@stellaops/kernel";
import { mapError } from "@stellaops/mongo";
import type { ClientSession, MongoClient } from "mongodb";

/**
 * A transaction of replication, at snapshot and majority concern. Whatever it writes may be written again, so that a commit without an answer
 * is only transient.
 */
export async function repeatable<T>(client: MongoClient, work: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = client.startSession();
  try {
    session.startTransaction({
      readConcern: { level: "snapshot" },
      writeConcern: { w: "majority", journal: true },
      readPreference: "primary",
    });
    const result = await work(session);
    await session.commitTransaction();
    return result;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    const mapped = mapError(error);
    throw familyOf(mapped) === "unknown-outcome" ? transient(mapped.code, mapped.message, { cause: error }) : mapped;
  } finally {
    await session.endSession();
  }
}
