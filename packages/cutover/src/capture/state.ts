import { raised } from "@stellaops/mongo";
import type { Collection, Db, ResumeToken } from "mongodb";

/** Writes of other programs may have been missed from here on: what was missed is found by a comparison. */
export interface CaptureLoss {
  /** Counts the losses of a generation. */
  readonly number: bigint;
  readonly reason: string;
  readonly at: Date;
  /** The stream flows again; only a comparison that begins later can cover the loss. */
  readonly restarted: boolean;
  /** When a full comparison without findings was made after it; null: not yet, and guards refuse. */
  readonly coveredAt: Date | null;
}

/** Where the capture of a module stands: one document in its MongoDB database. */
export interface CaptureState {
  readonly generation: bigint;
  /** Who captures, or did last; others wait until the lease has run out. */
  readonly holder: string | null;
  readonly until: Date;
  /** Everything before it has had its effect. Null: nothing yet. */
  readonly token: ResumeToken;
  /** The transaction of a unit of work of our own that the token may stand in. */
  readonly own: string | null;
  readonly savedAt: Date | null;
  /** Writes of other programs that were captured in this generation. */
  readonly stamped: bigint;
  readonly loss: CaptureLoss | null;
  /** A write of another program was met when the epoch was over already: the move is taken back. */
  readonly blocked: { readonly epoch: bigint; readonly document: string } | null;
}

export interface CaptureDocument extends CaptureState {
  readonly _id: "capture";
}

export const capturesOf = (db: Db): Collection<CaptureDocument> => db.collection("captures");

export const captureId = { _id: "capture" } as const;

/** Null where nothing was ever captured. */
export async function captureState(db: Db): Promise<CaptureState | null> {
  const found = await capturesOf(db)
    .findOne(captureId, { readConcern: { level: "majority" }, readPreference: "primary" })
    .catch(raised);
  if (found === null) return null;
  const { _id, ...state } = found;
  return state;
}

export const isUncovered = (state: CaptureState | null): boolean => state?.loss?.coveredAt === null;

/** To be taken before a full comparison; what was lost by then is covered when that comparison finds nothing. Null: nothing is to be covered. */
export async function lossMark(db: Db): Promise<bigint | null> {
  const state = await captureState(db);
  return state?.loss?.restarted === true && state.loss.coveredAt === null ? state.loss.number : null;
}

/** A full comparison that began after the mark was taken had no findings. A later loss is not covered by it. */
export async function coverLoss(db: Db, mark: bigint | null): Promise<void> {
  if (mark === null) return;
  await capturesOf(db).updateOne(
    { ...captureId, "loss.number": mark, "loss.restarted": true },
    { $currentDate: { "loss.coveredAt": true } },
  );
}
