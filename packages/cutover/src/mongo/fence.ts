import type { ClientSession, Db, Timestamp } from "mongodb";
import { refused } from "@stellaops/kernel";
import { fenceBusy, fenced, serverCode } from "../errors.ts";
import type { Fence } from "../side.ts";
import { until } from "../until.ts";

const epochName = (epoch: bigint): string => `epoch_${epoch}`;
const applyName = (generation: bigint): string => `apply_${generation}`;

/** No document passes; unlike a number in a validator, it cannot be set back by a process that wakes late. */
const nothing = { $expr: false };
const patience = 200;

const codes = {
  namespaceNotFound: 26,
  namespaceExists: 48,
  maxTimeExpired: 50,
  lockTimeout: 24,
  documentValidationFailure: 121,
} as const;

/**
 * The first operation of a write unit, inside its transaction.
 * @throws `FENCED` (transient) when the epoch is over, or was never opened
 */
export async function enterEpoch(db: Db, session: ClientSession, epoch: bigint): Promise<void> {
  const name = epochName(epoch);
  // An insert would create it, open.
  if (!(await oncePresent(db, name, () => exists(db, name)))) throw fenced(epoch);
  await enter(db, session, name, (cause) => fenced(epoch, cause));
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
  try {
    await db.collection(name).insertOne({}, { session });
  } catch (error) {
    throw serverCode(error) === codes.documentValidationFailure ? refusal(error) : error;
  }
}

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
    close: (epoch, deadlineMs) => close(db, epochName(epoch), deadlineMs),
    async closeApplies(below, generations, deadlineMs) {
      for (const generation of generations) {
        if (generation < below) await close(db, applyName(generation), deadlineMs);
      }
    },
    /** Entries of units that have not ended are not seen, and so not deleted. */
    async tidy(epoch, generation) {
      for (const name of [epochName(epoch), applyName(generation)]) await db.collection(name).deleteMany({});
    },
  };
}

/**
 * `collMod` waits for open transactions on the collection, a bounded time at once, so that callers never queue behind a long
 * unit. What is not there is created closed: otherwise an insert would create it, open.
 */
async function close(db: Db, name: string, deadlineMs: number): Promise<Timestamp | null> {
  let point: Timestamp | null = null;
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
      if (code === codes.lockTimeout || code === codes.maxTimeExpired) return false;
      throw error;
    }
  };
  if (!(await until(attempt, { deadlineMs, pauseMs: 20 }))) throw fenceBusy(`${name} on MongoDB`, deadlineMs);
  return point;
}

const timestampOf = (value: unknown): Timestamp | null => (isTimestamp(value) ? value : null);
const isTimestamp = (value: unknown): value is Timestamp =>
  typeof value === "object" && value !== null && "_bsontype" in value && value._bsontype === "Timestamp";
