import { conflict, type Register, type TenantId } from "@stellaops/kernel";
import type { ClientSession, Db } from "mongodb";
import { Cap } from "./cap.ts";
import { commit } from "./commit.ts";
import type { Mongo } from "./connection.ts";
import { lostInFlight, mapError } from "./errors.ts";

/** Where operations run: each alone, or inside a transaction. */
export interface Unit {
  readonly tenant: TenantId;
  readonly db: Db;
  /** Absent where each operation stands alone. */
  readonly session: ClientSession | undefined;
  /** Null where a fixed stage makes it needless. */
  readonly register: Register | null;
  /** False where nothing is written. */
  readonly writes: boolean;
  /** Several operations as one transaction; joins the one that is open. */
  atomically<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
}

export interface UnitOptions {
  readonly tenant: TenantId;
  /** The first operation of the transaction: the epoch fence. */
  readonly head?: (session: ClientSession) => Promise<void>;
  readonly register?: Register | null;
  /** False where nothing is written, so that a lost connection leaves nothing unknown; true when left out. */
  readonly writes?: boolean;
  /** Milliseconds after which a transaction is ended; none when left out. A client that sleeps or is dead does not end it: the server does, in a minute. */
  readonly capMs?: number;
  /** How long a COMMIT without an answer is sent again; milliseconds, 10,000. */
  readonly commitMs?: number;
}

/** A unit in which every operation is a transaction of its own, as MongoDB has it for a single document. */
export const singleUnit = (mongo: Mongo, options: UnitOptions): Unit => ({
  tenant: options.tenant,
  db: mongo.db,
  session: undefined,
  register: options.register ?? null,
  writes: options.writes ?? true,
  atomically: (work) => transaction(mongo, options, work),
});

/**
 * A transaction at snapshot and majority concern. `work` is not run again here, unlike the driver's `withTransaction`:
 * whoever retries runs the whole unit with fresh repositories.
 */
export async function transaction<T>(mongo: Mongo, options: UnitOptions, work: (unit: Unit) => Promise<T>): Promise<T> {
  const { tenant, head, register = null, capMs, commitMs = 10_000 } = options;
  const session = mongo.client.startSession();
  const cap = new Cap(mongo.client, session, capMs);
  const unit: Unit = { tenant, db: mongo.db, session, register, writes: true, atomically: (inner) => inner(unit) };
  try {
    session.startTransaction({
      readConcern: { level: "snapshot" },
      writeConcern: { w: "majority", journal: true },
      readPreference: "primary",
    });
    await head?.(session).catch(raised);
    // What the work throws is its own affair: repositories have mapped theirs, and the caller's errors stay as they are.
    const result = await work(unit);
    cap.check();
    if (!session.inTransaction())
      throw conflict(
        "TRANSACTION_ABORTED",
        "an operation of this unit failed and its error was swallowed; nothing was stored",
      );
    await cap.end();
    await commit(session, commitMs);
    return result;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    throw cap.told(error);
  } finally {
    await cap.end();
    await session.endSession();
  }
}

/** Nothing is committed yet. */
function raised(error: unknown): never {
  throw lostInFlight(mapError(error), false);
}
