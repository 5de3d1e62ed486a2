import { codeOf, familyOf, isDataLayerError } from "@stellaops/kernel";
import { BSON, type ClientSession, type Collection, type Db } from "mongodb";
import type { Misfit } from "./fit.ts";
import type { Refusal } from "./refusal.ts";

/** A document that cannot be stored in the module's shape: it stays as it is, and blocks the guards of the stages, no caller. */
export interface MisfitDocument {
  /** `<collection>/<its _id as extended JSON>` */
  readonly _id: string;
  readonly aggregate: string;
  readonly name: unknown;
  readonly refusals: readonly Refusal[];
  /** When it was first seen not to fit. */
  readonly seenAt: Date;
}

export const misfitsOf = (db: Db): Collection<MisfitDocument> => db.collection("misfits");

/** An `_id` of any type as text. */
export const nameText = (name: unknown): string =>
  typeof name === "string" ? JSON.stringify(name) : BSON.EJSON.stringify(name, { relaxed: false });

export const misfitKey = (aggregate: string, name: unknown): string => `${aggregate}/${nameText(name)}`;

/** The document that the database itself refused, by its rules of unique values. @throws any other error as it is */
export function misfitOf(name: unknown, error: unknown): Misfit {
  const refused = familyOf(error) === "integrity" || codeOf(error) === "REVISION_CONFLICT";
  if (!refused || !isDataLayerError(error)) throw error;
  return { fits: false, name, refusals: [{ path: "", code: error.code, message: error.message }] };
}

/** A document has thousands of children, and each may be wrong: the first ones say what it is about. */
const longest = 50;

/** Lists documents that do not fit, and forgets those that do by now. */
export async function saveMisfits(
  db: Db,
  aggregate: string,
  misfits: readonly Misfit[],
  fitting: readonly unknown[],
  session?: ClientSession,
): Promise<void> {
  const operations = [
    ...misfits.map(({ name, refusals }) => ({
      updateOne: {
        filter: { _id: misfitKey(aggregate, name) },
        update: {
          $set: { aggregate, name, refusals: refusals.slice(0, longest) },
          $setOnInsert: { seenAt: new Date() },
        },
        upsert: true,
      },
    })),
    ...(fitting.length === 0
      ? []
      : [{ deleteMany: { filter: { _id: { $in: fitting.map((name) => misfitKey(aggregate, name)) } } } }]),
  ];
  if (operations.length > 0) await misfitsOf(db).bulkWrite(operations, session === undefined ? {} : { session });
}

/** Forgets those whose document is gone. */
export async function forgetGone(db: Db, aggregate: string): Promise<void> {
  const forget = async (batch: readonly MisfitDocument[]): Promise<void> => {
    const names = batch.map(({ name }) => name as never);
    const found = await db
      .collection(aggregate)
      .find({ _id: { $in: names } }, { projection: { _id: 1 } })
      .toArray();
    const there = new Set(found.map(({ _id }) => nameText(_id)));
    const gone = batch.filter(({ name }) => !there.has(nameText(name))).map(({ _id }) => _id);
    if (gone.length > 0) await misfitsOf(db).deleteMany({ _id: { $in: gone } });
  };
  let batch: MisfitDocument[] = [];
  for await (const misfit of misfitsOf(db).find({ aggregate }, { projection: { name: 1 } })) {
    batch.push(misfit);
    if (batch.length < 500) continue;
    await forget(batch);
    batch = [];
  }
  if (batch.length > 0) await forget(batch);
}
