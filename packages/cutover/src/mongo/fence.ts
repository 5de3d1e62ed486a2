import type { ClientSession, Db, Timestamp } from "mongodb";
import { refused } from "@stellaops/kernel";
import { fenceBusy, fenced, serverCode } from "../errors.ts";
import { closeAppliesMs, type Fence } from "../side.ts";
import { defaultUnitCapMs, ordinaryUnitCapMs } from "../unit-cap.ts";
import { until } from "../until.ts";

const epochName = (epoch: bigint): string => `epoch_${epoch}`;
const applyName = (generation: bigint): string => `apply_${generation}`;

/** No document passes; unlike a number in a validator, it cannot be set back by a process that wakes late. */
const nothing = { $expr: false };
const patience = 200;
/** How far beyond its cap a transaction is before it is taken for that of a process that is dead or sleeps. */
const marginMs = 1_000;
/** Applies have no cap; one so old is ended, and done again by whoever is alive. */
const oldApplyMs = 10_000;
/** As old as nothing is that others wait for, and well within the deadline of a caller who waits for a key. */
const releaseMs = 5_000;

const codes = {
  namespaceNotFound: 26,
  namespaceExists: 48,
  maxTimeExpired: 50,
  lockTimeout: 24,
  documentValidationFailure: 121,
} as const;

/**
 * The first operation of a write unit, inside its transaction. A cap above the ordinary one is announced first, once per process, so that
 * whoever closes the epoch gives such units their time.
 * @throws `FENCED` (transient) when the epoch is over, or was never opened
 */
export async function enterEpoch(
  db: Db,
  session: ClientSession,
  epoch: bigint,
  capMs: number = ordinaryUnitCapMs,
): Promise<void> {
  const name = epochName(epoch);
  const refusal = (cause: unknown): Error => fenced(epoch, cause);
  // An insert would create it, open.
  if (!(await oncePresent(db, name, () => exists(db, name)))) throw fenced(epoch);
  if (capMs > ordinaryUnitCapMs) await oncePresent(db, `${name} ${capMs}`, () => announce(db, name, capMs, refusal));
  await enter(db, session, name, refusal);
}

/** Beside the entries of units, in the collection that is closed; never inside a transaction, so that it can be seen. */
interface Announced {
  readonly _id: string;
  readonly capMs: number;
}

const announce = (db: Db, name: string, capMs: number, refusal: (cause: unknown) => Error): Promise<true> =>
  db
    .collection<Announced>(name)
    .updateOne({ _id: `cap ${capMs}` }, { $set: { capMs } }, { upsert: true })
    .then(() => true, refusedBy(refusal));

/** The longest that a unit of this epoch may take, as far as anybody has said. */
async function capOf(db: Db, name: string): Promise<number> {
  const announced = await db
    .collection<Announced>(name)
    .find({ capMs: { $exists: true } })
    .toArray();
  return Math.max(defaultUnitCapMs(), ordinaryUnitCapMs, ...announced.map(({ capMs }) => capMs));
}

/**
 * The first operation of an apply or backfill transaction; `generation` is that of the stage read before the key was. A
 * generation needs no opening: what was never closed is open.
 * @throws `APPLY_FENCED` (refused) when applies of that generation are over
 */
export async function enterApply(db: Db, session: ClientSession, generation: bigint): Promise<void> {
  const name = applyName(generation);
  // Created inside concurrent transactions, it would make them fail on each other.
  await oncePresent(db, name, () => create(db, name, {}).then(() => true));
  await enter(db, session, name, applyFenced);
}

export const applyFenced = (cause: unknown): Error =>
  refused("APPLY_FENCED", "applies of this generation are over; learn the stage anew", { cause });

async function enter(db: Db, session: ClientSession, name: string, refusal: (cause: unknown) => Error): Promise<void> {
  await db.collection(name).insertOne({}, { session }).catch(refusedBy(refusal));
}

const refusedBy =
  (refusal: (cause: unknown) => Error) =>
  (error: unknown): never => {
    throw serverCode(error) === codes.documentValidationFailure ? refusal(error) : error;
  };

/** These collections are never dropped, so that one round trip per process tells for ever that one is there. */
const present = new WeakMap<Db["client"], Set<string>>();
async function oncePresent(db: Db, name: string, look: () => Promise<boolean>): Promise<boolean> {
  const known = present.get(db.client) ?? new Set();
  present.set(db.client, known);
  const key = `${db.databaseName}.${name}`;
  if (known.has(key)) return true;
  if (!(await look())) return false;
  known.add(key);
  return true;
}

const exists = (db: Db, name: string): Promise<boolean> => db.listCollections({ name }, { nameOnly: true }).hasNext();

/** False when the collection is there already, open or closed. */
const create = (db: Db, name: string, options: object): Promise<boolean> =>
  db.createCollection(name, { ...options, writeConcern: { w: "majority" } }).then(
    () => true,
    (error: unknown) => {
      if (serverCode(error) === codes.namespaceExists) return false;
      throw error;
    },
  );

export function mongoFence(db: Db): Fence {
  return {
    async open(epoch) {
      await create(db, epochName(epoch), {});
    },
    async close(epoch, deadlineMs) {
      const name = epochName(epoch);
      return close(db, name, deadlineMs, async () => (await capOf(db, name)) + marginMs);
    },
    async closeApplies(below, generations, deadlineMs = closeAppliesMs) {
      // Also those that the record here has not heard of: they began while the other database was the primary.
      const found = await db.listCollections({ name: /^apply_\d+$/ }, { nameOnly: true }).toArray();
      const there = found.map(({ name }) => BigInt(name.slice("apply_".length)));
      for (const generation of new Set([...generations, ...there])) {
        if (generation < below) await close(db, applyName(generation), deadlineMs, () => Promise.resolve(oldApplyMs));
      }
    },
    async release(epoch) {
      const oldest = Math.max(releaseMs, (await capOf(db, epochName(epoch))) + marginMs);
      const { endOutlived } = await import("./outlived.ts");
      await endOutlived(db, oldest);
    },
    /** Entries of units that have not ended are not seen, and so not deleted. */
    async tidy(epoch, generation) {
      for (const name of [epochName(epoch), applyName(generation)])
        await db.collection(name).deleteMany({ capMs: { $exists: false } });
    },
  };
}

/**
 * `collMod` waits for open transactions on the collection, a bounded time at once, so that callers never queue behind a long
 * unit. What is not there is created closed: otherwise an insert would create it, open. Waiting longer than any unit may take means that
 * one is left of a process that is dead or sleeps: it is ended.
 */
async function close(
  db: Db,
  name: string,
  deadlineMs: number,
  oldestMs: () => Promise<number>,
): Promise<Timestamp | null> {
  let point: Timestamp | null = null;
  const begun = performance.now();
  let oldest: number | undefined;
  let missing: string | null = null;
  const waited = async (): Promise<false> => {
    oldest ??= await oldestMs();
    if (performance.now() - begun <= oldest) return false;
    // Only whoever changes a stage comes here.
    const { endOutlived } = await import("./outlived.ts");
    missing = await endOutlived(db, oldest);
    return false;
  };
  const attempt = async (): Promise<boolean> => {
    try {
      const reply = await db.command({
        collMod: name,
        validator: nothing,
        validationLevel: "strict",
        validationAction: "error",
        maxTimeMS: patience,
        writeConcern: { w: "majority" },
      });
      point = timestampOf(reply["operationTime"]);
      return true;
    } catch (error) {
      const code = serverCode(error);
      if (code === codes.namespaceNotFound) return create(db, name, { validator: nothing }).then(() => false);
      if (code === codes.lockTimeout || code === codes.maxTimeExpired) return waited();
      throw error;
    }
  };
  if (!(await until(attempt, { deadlineMs, pauseMs: 20 }))) {
    const hint =
      missing === null
        ? ""
        : ` (units that a killed process left can be ended sooner by a user who is granted ${missing})`;
    throw fenceBusy(`${name} on MongoDB${hint}`, deadlineMs);
  }
  return point;
}

const timestampOf = (value: unknown): Timestamp | null => (isTimestamp(value) ? value : null);
const isTimestamp = (value: unknown): value is Timestamp =>
  typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "Timestamp";
