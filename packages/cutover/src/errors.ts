import { refused, transient } from "@stellaops/kernel";
import type { DataLayerError } from "@stellaops/kernel";

/** The unit began under an epoch that is over: learn the stage anew and run the whole unit again. */
export const fenced = (epoch: bigint | undefined, cause?: unknown): DataLayerError =>
  transient("FENCED", `${epoch === undefined ? "this epoch" : `epoch ${epoch}`} is over; run the whole unit again`, {
    ...(epoch === undefined ? {} : { details: { epoch: String(epoch) } }),
    cause,
  });

export const fenceBusy = (what: string, deadlineMs: number, cause?: unknown): DataLayerError =>
  transient("STAGE_FENCE_BUSY", `${what} was still in use after ${deadlineMs} ms; end the long unit and try again`, {
    cause,
  });

export const stageFixed = (cause: unknown): DataLayerError =>
  refused(
    "STAGE_FIXED",
    'the module was decommissioned, so its stage stays "postgres": run `stella-data decommission --undo`, let its services follow the record again, and try again ten seconds later',
    { cause },
  );

/** Error codes of servers and drivers are numbers on MongoDB and SQLSTATE strings on PostgreSQL. */
export const serverCode = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;
