import { conflict, type Register, type TenantId } from "@stellaops/kernel";
import type { Pool, PoolClient } from "pg";
import { Batch, type Result, type Statement } from "./batch.ts";
import { lostInFlight, mapError } from "./errors.ts";
import { nameOf } from "./statement.ts";

/** Where statements run: alone (one flush, one implicit transaction) or inside a unit of work. */
export interface Unit {
  readonly tenant: TenantId;
  /** Null where a fixed stage makes it needless. */
  readonly register: Register | null;
  /** One flush and one round trip; all of it or nothing. */
  run(statements: readonly Statement[]): Promise<readonly Result[]>;
  /** Several round trips as one transaction; joins the one that is open. */
  atomically<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
}

export interface UnitOptions {
  readonly tenant: TenantId;
  /** Statements that go before the first of the unit, in its transaction: the epoch fence. */
  readonly head?: readonly Statement[];
  readonly register?: Register | null;
  /** False where nothing is written, so that a lost connection is no unknown outcome. */
  readonly writes?: boolean;
  readonly signal?: AbortSignal;
}

const scopeText = "select set_config('app.tenant_id', $1, true)";
const scopeName = nameOf(scopeText);
export const scope = (tenant: string): Statement => ({
  name: scopeName,
  text: scopeText,
  values: [tenant],
  silent: true,
});
const word = (text: string): Statement => ({ name: nameOf(text), text, values: [], silent: true });
const begin = word("begin");
const commit = word("commit");
const rollback = word("rollback");

/** A unit in which every flush is a transaction of its own. */
export function singleUnit(pool: Pool, options: UnitOptions): Unit {
  const { tenant, head = [], register = null, writes = true, signal } = options;
  const opening = [scope(tenant), ...head];
  return {
    tenant,
    register,
    async run(statements) {
      const client = await connect(pool);
      return released(client, async () => {
        const results = await cancellable(pool, client, signal, () =>
          send(client, [...opening, ...statements], writes),
        );
        return results.slice(opening.length);
      });
    },
    atomically: (work) => transaction(pool, options, work),
  };
}

/**
 * A unit of several round trips: BEGIN, scope and fence travel with its first statement (BEGIN turns the implicit transaction into an open one).
 * `work` is given a unit of its own and is not run again here: whoever retries runs the whole.
 */
export async function transaction<T>(pool: Pool, options: UnitOptions, work: (unit: Unit) => Promise<T>): Promise<T> {
  const { tenant, head = [], register = null, writes = true, signal } = options;
  const client = await connect(pool);
  return released(client, async () => {
    let opening: readonly Statement[] = [begin, scope(tenant), ...head];
    const unit: Unit = {
      tenant,
      register,
      async run(statements) {
        const first = opening;
        opening = [];
        const batch = [...first, ...statements];
        return (await cancellable(pool, client, signal, () => send(client, batch, false))).slice(first.length);
      },
      atomically: (inner) => inner(unit),
    };
    try {
      const result = await work(unit);
      if (opening.length > 0) return result;
      const [ended] = await send(client, [commit], writes);
      // COMMIT of a failed transaction answers ROLLBACK and no error.
      if (ended?.tag === "ROLLBACK")
        throw conflict(
          "TRANSACTION_ABORTED",
          "a statement of this unit failed and its error was swallowed; nothing was stored",
        );
      return result;
    } catch (error) {
      if (opening.length === 0) await send(client, [rollback], false).catch(() => undefined);
      throw error;
    }
  });
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw mapError(error);
  }
}

/** The client goes back to the pool, or is destroyed when its connection is in doubt. */
async function released<T>(client: PoolClient, work: () => Promise<T>): Promise<T> {
  let broken = false;
  try {
    return await work();
  } catch (error) {
    const { code } = mapError(error);
    broken = code === "CONNECTION_LOST" || code === "COMMIT_UNKNOWN" || code === "SERVER_SHUTDOWN";
    throw error;
  } finally {
    client.release(broken);
  }
}

async function send(client: PoolClient, statements: readonly Statement[], writes: boolean): Promise<readonly Result[]> {
  try {
    return await client.query(new Batch(statements)).done;
  } catch (error) {
    throw lostInFlight(mapError(error), writes);
  }
}

/** On abort the server is told to cancel; the answer is awaited before the connection goes on, so that no later statement is hit. */
async function cancellable<T>(
  pool: Pool,
  client: PoolClient,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (signal === undefined) return work();
  signal.throwIfAborted();
  let cancelled: Promise<unknown> | undefined;
  const abort = () => {
    const { processID } = client as PoolClient & { readonly processID: number };
    cancelled = pool.query("select pg_cancel_backend($1)", [processID]).catch(() => undefined);
  };
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await work();
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
    await cancelled;
  }
}
