import { registerCollection, type Mongo, type RegisterEntry } from "@stellaops/mongo";
import type { Purged, PurgeRequest } from "../replication/replica.ts";
import { enterEpoch } from "./fence.ts";
import { repeatable } from "./repeatable.ts";

/** One transaction is one unit of work: it enters the fence first. */
export const purge = (
  { client, db }: Pick<Mongo, "client" | "db">,
  { epoch, olderThanMs, limit, after }: PurgeRequest,
): Promise<Purged> =>
  repeatable(client, async (session) => {
    await enterEpoch(db, session, epoch);
    const register = db.collection<RegisterEntry>(registerCollection);
    const entries = await register
      .find(
        { _id: { $gt: typeof after === "string" ? after : "" } },
        { session, sort: { _id: 1 }, limit, projection: { deleted: 1, pending: 1, changedAt: 1 } },
      )
      .toArray();
    const before = Date.now() - olderThanMs;
    const old = entries.filter(
      ({ deleted, pending, changedAt }) =>
        deleted && !pending && (changedAt === undefined || changedAt.getTime() < before),
    );
    const next = entries.length < limit ? null : (entries.at(-1)?._id ?? null);
    if (old.length === 0) return { purged: 0, next };
    // A key that is created again meanwhile collides with this transaction, and one of the two is run again.
    const { deletedCount } = await register.deleteMany({ _id: { $in: old.map(({ _id }) => _id) } }, { session });
    return { purged: deletedCount, next };
  });
