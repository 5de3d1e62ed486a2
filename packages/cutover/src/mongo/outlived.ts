import type { Document, Db } from "mongodb";
import { isOwnClient } from "@stellaops/mongo";
import { serverCode } from "../errors.ts";

const unauthorized = 13;

/**
 * Ends the transactions of this module's clients that are open longer than they may be: those of a process that was killed or sleeps, which
 * MongoDB would keep for a minute. One that is ended all the same loses nothing: what is under way is run again by whoever is alive.
 * Gives what the user would have to be granted to see or end those of other users; null: nothing was missing.
 */
export async function endOutlived(db: Db, olderThanMs: number): Promise<string | null> {
  const admin = db.client.db("admin");
  let missing: string | null = null;
  const without =
    <T>(action: string, otherwise: () => Promise<T>) =>
    (error: unknown): Promise<T> => {
      if (serverCode(error) !== unauthorized) throw error;
      missing = action;
      return otherwise();
    };
  const open = (allUsers: boolean): Promise<Document[]> =>
    admin
      .aggregate(
        [
          { $currentOp: { idleSessions: true, allUsers } },
          { $match: { "transaction.timeOpenMicros": { $gt: BigInt(olderThanMs) * 1_000n } } },
        ],
        { readConcern: "local" },
      )
      .toArray();
  const found = await open(true).catch(without("inprog", () => open(false)));
  const sessions = found.filter(({ appName }) => isOwnClient(db.databaseName, appName)).map(({ lsid }) => lsid);
  if (sessions.length === 0) return missing;
  await admin.command({ killAllSessionsByPattern: sessions.map((lsid) => ({ lsid })) }).catch(
    // One's own may be ended without a privilege.
    without("killAnySession", () => admin.command({ killSessions: sessions.map(({ id }) => ({ id })) })),
  );
  return missing;
}
