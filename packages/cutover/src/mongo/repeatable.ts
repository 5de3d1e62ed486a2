import { familyOf, transient } from "@stellaops/kernel";
import { mapError } from "@stellaops/mongo";
import type { ClientSession, MongoClient } from "mongodb";
import { serverCode } from "../errors.ts";

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

const snapshotTooOld = 239;
/** A collection was made or changed meanwhile. */
const snapshotUnavailable = 246;

/** For every read of it: the client's own read concern would take the place of the session's. */
export interface Moment {
  readonly session: ClientSession;
  readonly readConcern: { readonly level: "snapshot" };
}

/**
 * Reads of one moment, at majority, without a transaction: a process that is killed among them leaves nothing open that a change of the
 * stage, or of the schema, would have to wait for.
 */
export async function ofOneMoment<T>(client: MongoClient, work: (at: Moment) => Promise<T>): Promise<T> {
  const session = client.startSession({ snapshot: true });
  try {
    return await work({ session, readConcern: { level: "snapshot" } });
  } catch (error) {
    const code = serverCode(error);
    if (code === snapshotTooOld || code === snapshotUnavailable)
      throw transient("SNAPSHOT_GONE", "the moment that was read is not kept any more; read again", { cause: error });
    throw mapError(error);
  } finally {
    await session.endSession();
  }
}
