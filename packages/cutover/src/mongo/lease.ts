import type { Db } from "mongodb";
import { fenced } from "../errors.ts";
import type { Lease, LeaseTable } from "../side.ts";
import { enterEpoch } from "./fence.ts";

interface LeaseDocument {
  readonly _id: string;
  readonly epoch: bigint;
  readonly until: Date;
}
interface Outstanding extends LeaseDocument {
  readonly leftMs: number | bigint;
}

export function mongoLeases(db: Db): LeaseTable {
  const leases = db.collection<LeaseDocument>("leases");
  const stage = db.collection<{ _id: string }>("stage");
  const ofInstance = (instance: string) => ({ _id: instance });
  return {
    /** A unit of work of its epoch: the change that ends the epoch waits for it, and then sees it. */
    async grant({ instance, epoch, milliseconds }) {
      const lease = { epoch: { $literal: epoch }, until: { $add: ["$$NOW", { $literal: milliseconds }] } };
      await db.client.withSession((session) =>
        session.withTransaction(
          async () => {
            await enterEpoch(db, session, epoch);
            const settled = await stage.findOne({ _id: "stage", state: "settled", epoch }, { session });
            if (settled === null) throw fenced(epoch);
            await leases.updateOne(ofInstance(instance), [{ $set: lease }], { upsert: true, session });
          },
          {
            readConcern: { level: "snapshot" },
            writeConcern: { w: "majority", journal: true },
            timeoutMS: milliseconds,
          },
        ),
      );
    },
    async acknowledge(instance) {
      await leases.deleteOne(ofInstance(instance));
    },
    async outstanding(epoch, marginMs) {
      const found = await leases
        .find(
          { epoch: { $lte: epoch }, $expr: { $gt: ["$until", { $subtract: ["$$NOW", { $literal: marginMs }] }] } },
          { readConcern: { level: "majority" }, readPreference: "primary", sort: { _id: 1 } },
        )
        .project<Outstanding>({ epoch: 1, until: 1, leftMs: { $subtract: ["$until", "$$NOW"] } })
        .toArray();
      return found.map(({ _id: holder, leftMs, ...lease }): Lease => ({
        ...lease,
        instance: holder,
        leftMs: Number(leftMs),
      }));
    },
  };
}
