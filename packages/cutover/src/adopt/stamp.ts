import { transient, type Aggregate, type Register } from "@stellaops/kernel";
import { enter, registerCollection, registerKey, type Mongo, type RegisterEntry } from "@stellaops/mongo";
import type { AnyBulkWriteOperation, ClientSession, Document } from "mongodb";
import { enterEpoch } from "../mongo/fence.ts";
import { repeatable } from "../mongo/repeatable.ts";
import type { Fit, Fitting, Misfit } from "./fit.ts";
import { nameText, saveMisfits } from "./misfits.ts";
import { namesOf, noting, saysItsKey } from "./names.ts";

/** The epoch and register of a live stage; null while the module has no stage record. */
export type LiveWrite = { readonly epoch: bigint; readonly register: Register } | null;

export interface Stamping {
  readonly mongo: Mongo;
  readonly aggregate: Aggregate;
  readonly fit: (bytes: Uint8Array) => Fit;
  readonly live: LiveWrite;
  /** Give a new revision also to a document that is in place: another program has written it. */
  readonly always: boolean;
  /** What a document counts as that has no revision and that the register does not know; 0. */
  readonly unknown?: bigint;
}

export interface Stamped {
  readonly changed: readonly Fitting[];
  readonly inPlace: readonly Fitting[];
  readonly misfits: readonly Misfit[];
}

/**
 * Brings documents, named by their `_id`, into the module's shape: one transaction, in which they are read and replaced. Whoever changes one
 * of them meanwhile makes it fail, and it is run again by the caller. Under a live stage it is a unit of work of its epoch and enters the
 * register, with a revision above the register's. What does not fit is listed and stays as it is.
 * @throws `FENCED` (transient) when the epoch is over; `STAGE_BEGUN` (transient) when the module got a stage record meanwhile; what the
 * database refuses, and then nothing was changed
 */
export const stamp = (stamping: Stamping, names: readonly unknown[]): Promise<Stamped> =>
  repeatable(stamping.mongo.client, async (session) => {
    const { mongo, aggregate, fit, live } = stamping;
    const { db } = mongo;
    if (live === null) await requireNoRecord(mongo, session);
    else await enterEpoch(db, session, live.epoch);
    const found = await rawOf(mongo, aggregate, names, session);
    const fits = found.map(fit);
    const misfits = fits.filter((one) => !one.fits);
    const fitting = fits.filter((one) => one.fits);
    const entries = live === null ? noEntries : await entriesOf(mongo, aggregate, fitting, session);
    const changed: { readonly one: Fitting; readonly revision: bigint }[] = [];
    for (const one of fitting) {
      const revision = nextRevision(one, entries.get(one), stamping);
      if (revision !== null) changed.push({ one, revision });
    }
    await replace(stamping, changed, session);
    const opaque = fitting.filter((one) => !saysItsKey(one.name, one));
    if (opaque.length > 0)
      await namesOf(db).bulkWrite(
        opaque.map((one) => noting(aggregate.table, one)),
        { session },
      );
    const unfit = new Set(misfits.map(({ name }) => nameText(name)));
    await saveMisfits(
      db,
      aggregate.table,
      misfits,
      names.filter((name) => !unfit.has(nameText(name))),
      session,
    );
    const touched = new Set(changed.map(({ one }) => one));
    return { changed: [...touched], inPlace: fitting.filter((one) => !touched.has(one)), misfits };
  });

const noEntries: ReadonlyMap<Fitting, RegisterEntry> = new Map();

/** Null: nothing is to be changed. Above whatever the key had, a tombstone's revision included. */
function nextRevision(
  { revision, inPlace }: Fitting,
  entry: RegisterEntry | undefined,
  { always, live, unknown = 0n }: Pick<Stamping, "always" | "live" | "unknown">,
): bigint | null {
  const agrees = entry === undefined || (!entry.deleted && entry.revision === revision);
  if (inPlace && agrees && !always) return null;
  const before = [entry?.revision ?? 0n, revision ?? (entry === undefined ? unknown : 0n)].reduce((a, b) =>
    a > b ? a : b,
  );
  // Nobody but this database knows the key: the revision may stay, since nothing is told apart by it.
  const alone = entry === undefined && live?.register.pending !== true;
  return alone && before > 0n ? before : before + 1n;
}

async function replace(
  { mongo: { db }, aggregate, live }: Stamping,
  changed: readonly { readonly one: Fitting; readonly revision: bigint }[],
  session: ClientSession,
): Promise<void> {
  if (changed.length === 0) return;
  const operations = changed.map(({ one, revision }): AnyBulkWriteOperation<Document> => {
    const { _id: _, ...replacement } = one.document(revision);
    return { replaceOne: { filter: { _id: one.name as never }, replacement } };
  });
  await db.collection(aggregate.table).bulkWrite(operations, { session, ordered: true });
  if (live === null) return;
  for (const tenant of new Set(changed.map(({ one }) => one.tenant))) {
    const own = changed.filter(({ one }) => one.tenant === tenant);
    await enter(
      { tenant, db, session, register: live.register },
      aggregate,
      own.map(({ one: { id }, revision }) => ({ id, revision })),
    );
  }
}

/** Bytes, so that every value has the type it is stored under. */
export async function rawOf(
  { db }: Mongo,
  { table }: Aggregate,
  names: readonly unknown[],
  session?: ClientSession,
): Promise<readonly Uint8Array[]> {
  const filter = { _id: { $in: names as never[] } };
  const options = { raw: true, ...(session === undefined ? {} : { session }) };
  return (await db.collection(table).find(filter, options).toArray()) as unknown as readonly Uint8Array[];
}

async function entriesOf(
  { db }: Mongo,
  { table }: Aggregate,
  fitting: readonly Fitting[],
  session: ClientSession,
): Promise<ReadonlyMap<Fitting, RegisterEntry>> {
  const keyOf = ({ tenant, id }: Fitting): string => registerKey(table, tenant, id);
  const found = await db
    .collection<RegisterEntry>(registerCollection)
    .find({ _id: { $in: fitting.map(keyOf) } }, { session })
    .toArray();
  const byKey = new Map(found.map((entry) => [entry._id, entry]));
  return new Map(
    fitting.flatMap((one): [Fitting, RegisterEntry][] => {
      const entry = byKey.get(keyOf(one));
      return entry === undefined ? [] : [[one, entry]];
    }),
  );
}

async function requireNoRecord({ db }: Mongo, session: ClientSession): Promise<void> {
  const record = await db.collection("stage").findOne({}, { session, projection: { _id: 1 } });
  if (record !== null)
    throw transient("STAGE_BEGUN", "the module got a stage record meanwhile; from here on its epochs are entered");
}
