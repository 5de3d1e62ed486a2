import { conflict, familyOf, type Register, type TenantId } from "@stellaops/kernel";
import type { ClientSession, Db } from "mongodb";
import type { Mongo } from "./connection.ts";
import { mapError } from "./errors.ts";

/** Where operations run: each alone, or inside a transaction. */
export interface Unit {
  readonly tenant: TenantId;
  readonly db: Db;
  /** Absent where each operation stands alone. */
  readonly session: ClientSession | undefined;
  /** Null where a fixed stage makes it needless. */
  readonly register: Register | null;
  /** Several operations as one transaction; joins the one that is open. */
  atomically<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
}

export interface UnitOptions {
  readonly tenant: TenantId;
  /** The first operation of the transaction: the epoch fence. */
  readonly head?: (session: ClientSession) => Promise<void>;
  readonly register?: Register | null;
}

/** A unit in which every operation is a transaction of its own, as MongoDB has it for a single document. */
export const singleUnit = (mongo: Mongo, options: UnitOptions): Unit => ({
  tenant: options.tenant,
  db: mongo.db,
  session: undefined,
  register: options.register ?? null,
  atomically: (work) => transaction(mongo, options, work),
});

/**
 * A transaction at snapshot and majority concern. `work` is not run again here, unlike the driver's `withTransaction`:
 * whoever retries runs the whole unit with fresh repositories.
 */
export async function transaction<T>(mongo: Mongo, options: UnitOptions, work: (unit: Unit) => Promise<T>): Promise<T> {
  const { tenant, head, register = null } = options;
  const session = mongo.client.startSession();
  const unit: Unit = { tenant, db: mongo.db, session, register, atomically: (inner) => inner(unit) };
  try {
    session.startTransaction({
      readConcern: { level: "snapshot" },
      writeConcern: { w: "majority", journal: true },
      readPreference: "primary",
    });
    await head?.(session).catch(raised);
    // What the work throws is its own affair: repositories have mapped theirs, and the caller's errors stay as they are.
    const result = await work(unit);
    if (!session.inTransaction())
      throw conflict(
        "TRANSACTION_ABORTED",
        "an operation of this unit failed and its error was swallowed; nothing was stored",
      );
    await commit(session).catch(raised);
    return result;
  } catch (error) {
    if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
    throw error;
  } finally {
    await session.endSession();
  }
}

function raised(error: unknown): never {
  throw mapError(error);
}

/** A commit whose answer was lost is sent again on the same session: the server answers for the one it knows. */
async function commit(session: ClientSession): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await session.commitTransaction();
    } catch (error) {
      if (familyOf(mapError(error)) !== "unknown-outcome" || performance.now() > deadline) throw error;
    }
  }
}
