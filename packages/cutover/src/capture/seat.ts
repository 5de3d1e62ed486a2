import type { Db, Document, ResumeToken } from "mongodb";
import { captureId, capturesOf, type CaptureState } from "./state.ts";

export interface SeatOptions {
  readonly holder: string;
  readonly generation: bigint;
  readonly leaseMs: number;
}

export interface Standing {
  readonly token: ResumeToken;
  readonly own: string | null;
  readonly stamped: number;
}

/** The one place from which a module is captured: a lease, and what only its holder may write. Each answer is false once somebody else has it. */
export interface Seat {
  /** What was saved last; null while somebody else captures. */
  take(): Promise<CaptureState | null>;
  renew(): Promise<boolean>;
  save(standing: Standing): Promise<boolean>;
  /** `goesOn`: the stream flows all the same. Else the token is given up, and the stream begins anew from now. */
  lose(reason: string, goesOn: boolean): Promise<boolean>;
  block(epoch: bigint, document: string): Promise<boolean>;
  leave(): Promise<void>;
}

export function seatOf(db: Db, { holder, generation, leaseMs }: SeatOptions): Seat {
  const captures = capturesOf(db);
  const mine = { ...captureId, holder, generation };
  const until = { $add: ["$$NOW", leaseMs] };
  const change = async (update: Document | Document[]): Promise<boolean> =>
    (await captures.updateOne(mine, update)).matchedCount === 1;
  return {
    async take() {
      const kept = (field: string, otherwise: unknown) => ({
        $cond: [{ $eq: ["$generation", generation] }, { $ifNull: [`$${field}`, otherwise] }, otherwise],
      });
      const free = { $or: [{ holder }, { holder: null }, { $expr: { $lte: ["$until", "$$NOW"] } }] };
      const taken = {
        generation,
        holder: { $literal: holder },
        until,
        token: kept("token", null),
        own: kept("own", null),
        savedAt: kept("savedAt", null),
        stamped: kept("stamped", 0n),
        loss: kept("loss", null),
        blocked: null,
      };
      const nobody = { holder: null, until: new Date(0) };
      await captures.updateOne(captureId, { $setOnInsert: nobody }, { upsert: true });
      return captures.findOneAndUpdate({ ...captureId, ...free }, [{ $set: taken }], { returnDocument: "after" });
    },
    renew: () => change([{ $set: { until } }]),
    save: ({ token, own, stamped }) =>
      change([
        {
          $set: {
            until,
            token: { $literal: token },
            own: { $literal: own },
            savedAt: "$$NOW",
            stamped: { $add: ["$stamped", { $toLong: stamped }] },
            blocked: null,
            loss: {
              $cond: [{ $eq: [{ $type: "$loss" }, "object"] }, { $mergeObjects: ["$loss", { restarted: true }] }, null],
            },
          },
        },
      ]),
    lose: (reason, goesOn) =>
      change([
        {
          $set: {
            loss: {
              number: { $add: [{ $ifNull: ["$loss.number", 0n] }, 1n] },
              reason: { $literal: reason },
              at: "$$NOW",
              restarted: goesOn,
              coveredAt: null,
            },
            ...(goesOn ? {} : { token: null, own: null }),
          },
        },
      ]),
    block: (epoch, document) => change({ $set: { blocked: { epoch, document } } }),
    async leave() {
      await captures.updateOne(mine, { $set: { holder: null } });
    },
  };
}
