import { codeOf, type ModuleDefinition } from "@stellaops/kernel";
import { mapError } from "@stellaops/mongo";
import { MongoServerError, Timestamp, type ChangeStream, type Db, type Document, type ResumeToken } from "mongodb";
import { marksName } from "./marks.ts";

/** What is asked of the stream: hardly any contents, since the document is read when its turn comes. */
export interface CaptureEvent {
  readonly _id: ResumeToken;
  readonly operationType: string;
  readonly ns?: { readonly coll?: string };
  readonly documentKey?: { readonly _id: unknown };
  readonly lsid?: { readonly id: { toString(encoding: "hex"): string } };
  readonly txnNumber?: { toString(): string };
  /** Of an insertion and a replacement: as much as names the key. */
  readonly fullDocument?: { readonly tenantId?: unknown; readonly id?: unknown };
}

/** Every value as it is stored, so that an `_id` is known by its type. */
const exact = { promoteValues: false, promoteLongs: false, useBigInt64: false } as const;

/** How long the server waits for an event before it answers that there is none; milliseconds. */
const waitMs = 200;

/**
 * Events of the module's collections, of marks, and of entries into epochs and applies: these begin every transaction of our own, and what
 * such a transaction writes is registered by itself.
 */
export function openStream(
  { aggregates }: ModuleDefinition,
  db: Db,
  start: { readonly token: ResumeToken } | { readonly at: Timestamp } | null,
): ChangeStream<Document, CaptureEvent & Document> {
  const pipeline = [
    {
      $match: {
        $or: [
          { "ns.coll": { $in: aggregates.map(({ table }) => table) } },
          { operationType: "insert", "ns.coll": { $in: [marksName, /^(epoch|apply)_\d+$/] } },
          { operationType: { $in: ["dropDatabase", "invalidate"] } },
        ],
      },
    },
    {
      $project: {
        operationType: 1,
        ns: 1,
        documentKey: 1,
        lsid: 1,
        txnNumber: 1,
        "fullDocument.tenantId": 1,
        "fullDocument.id": 1,
      },
    },
  ];
  const from =
    start === null ? {} : "token" in start ? { resumeAfter: start.token } : { startAtOperationTime: start.at };
  return db.watch(pipeline, {
    ...exact,
    ...from,
    maxAwaitTimeMS: waitMs,
    batchSize: 1_000,
    readPreference: "primary",
  });
}

/** Names the transaction that an event belongs to; null where it is a write by itself. */
export const transactionOf = ({ lsid, txnNumber }: CaptureEvent): string | null =>
  lsid === undefined || txnNumber === undefined ? null : `${lsid.id.toString("hex")}/${txnNumber.toString()}`;

export const isEntry = ({ ns }: CaptureEvent): boolean => /^(epoch|apply)_\d+$/.test(ns?.coll ?? "");

/** The collection is gone, and with it what its events would have told. */
export const endsCollection = ({ operationType }: CaptureEvent): boolean =>
  ["drop", "rename", "dropDatabase", "invalidate"].includes(operationType);

/** CappedPositionLost, InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost: the position cannot be gone back to. */
const lost: ReadonlySet<unknown> = new Set([136, 260, 280, 286]);

/** `opening`: the server has not taken the saved token yet; what it says then that no server says otherwise is about the token. */
export const isLost = (error: unknown, opening: boolean): error is MongoServerError =>
  error instanceof MongoServerError &&
  (lost.has(error.code) || (opening && codeOf(mapError(error)) === "MONGO_UNEXPECTED"));

/** A moment not after an instant of the server's clock. */
export const momentBefore = (at: Date): Timestamp => new Timestamp({ t: Math.floor(at.getTime() / 1_000), i: 0 });
