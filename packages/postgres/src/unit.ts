import { conflict, isDataLayerError, type DataLayerError, type Register, type TenantId } from "@stellaops/kernel";
import type { Pool } from "pg";
import type { Result, Statement } from "./batch.ts";
import { answered, mapError, unitTimeout } from "./errors.ts";
import { Line } from "./line.ts";
import { begin, commit, rollback, scope, unitScope } from "./scope.ts";
import { markOf, settle, type Mark } from "./settle.ts";

/** Where statements run: alone or inside a unit of work. */
export interface Unit {
  readonly tenant: TenantId;
  /** Null where a fixed stage makes it needless. */
  readonly register: Register | null;
  /** What beliefs of this process about the database hang on; without it there are none. */
  readonly home?: object;
  /** One flush and one round trip; all of it or nothing. */
  run(statements: readonly Statement[]): Promise<readonly Result[]>;
  /** Several round trips as one transaction; joins the one that is open. */
  atomically<T>(work: (unit: Unit) => Promise<T>): Promise<T>;
  /** For beliefs of this process about what is stored: called once the unit is committed, at once where what was run stood alone. */
  committed(effect: () => void): void;
}

export interface UnitOptions {
  readonly tenant: TenantId;
  /** Statements that go before the first of the unit, in its transaction: the epoch fence. */
  readonly head?: readonly Statement[];
  readonly register?: Register | null;
  /** False where nothing is written, or may be written again: then a lost COMMIT needs no settling, and `run` is one flush with it. */
  readonly writes?: boolean;
  /** Milliseconds after which the server ends a writing unit, also when its client sleeps or is dead; none when left out. */
  readonly capMs?: number;
  /** How long a COMMIT may go unanswered, and then unsettled; milliseconds, 10,000 each. */
  readonly commitMs?: number;
  readonly signal?: AbortSignal;
}

/** A unit in which every `run` is a transaction of its own: one flush where it reads, two where it writes. */
export function singleUnit(pool: Pool, options: UnitOptions): Unit {
  const { tenant, head = [], register = null, writes = true, signal } = options;
  const opening = [scope(tenant), ...head];
  return {
    tenant,
    register,
    home: pool,
    async run(statements) {
      if (writes) return transaction(pool, options, (unit) => unit.run(statements));
      const line = await Line.take(pool);
      try {
        return (await line.send([...opening, ...statements], signal)).slice(opening.length);
      } finally {
        line.release();
      }
    },
    atomically: (work) => transaction(pool, options, work),
    committed: (effect) => effect(),
  };
}

/**
 * A unit of several round trips: BEGIN, scope and fence travel with its first statement (BEGIN turns the implicit transaction into an open
 * one), COMMIT travels alone, when all answers are there. So a connection that is lost before has stored nothing, and one lost in COMMIT is
 * settled by the transaction's number: the caller gets the unit's answer, or a transient error, and `COMMIT_UNKNOWN` only where no server can tell.
 * `work` is given a unit of its own and is not run again here: whoever retries runs the whole.
 */
export async function transaction<T>(pool: Pool, options: UnitOptions, work: (unit: Unit) => Promise<T>): Promise<T> {
  const { commitMs = 10_000, writes = true, capMs } = options;
  // The server is told of the cap only where it writes.
  const line = await Line.take(pool, writes ? capMs : undefined);
  let ended: Ended<T>;
  try {
    ended = await worked(line, { ...options, home: pool }, work);
  } finally {
    // Also before a lost COMMIT is settled: the pool may hold no other connection.
    line.release();
  }
  if (ended.lost !== undefined) await settle(pool, ended.mark, ended.lost, commitMs);
  for (const effect of ended.effects) effect();
  return ended.result;
}

interface Ended<T> {
  readonly result: T;
  readonly mark: Mark;
  /** What waits for the commit. */
  readonly effects: readonly (() => void)[];
  /** How the connection ended in COMMIT. */
  readonly lost?: DataLayerError;
}

async function worked<T>(
  line: Line,
  options: UnitOptions & { readonly home: object },
  work: (unit: Unit) => Promise<T>,
): Promise<Ended<T>> {
  const { tenant, head = [], register = null, writes = true, capMs, signal, commitMs = 10_000 } = options;
  const begun = performance.now();
  const opening: readonly Statement[] = [begin, writes ? unitScope(tenant, capMs) : scope(tenant), ...head];
  let mark = markOf({});
  let open = false;
  const effects: (() => void)[] = [];
  const capped = (error: unknown): unknown =>
    capMs !== undefined && mapError(error).code === "STATEMENT_TIMEOUT" && performance.now() - begun >= capMs
      ? unitTimeout(capMs, error)
      : error;
  const unit: Unit = {
    tenant,
    register,
    home: options.home,
    async run(statements) {
      if (open) {
        if (capMs !== undefined && performance.now() - begun > capMs) throw unitTimeout(capMs);
        return line.send(statements, signal);
      }
      open = true;
      const results = await line.send([...opening, ...statements], signal);
      if (writes) mark = markOf(results[1]?.rows[0] ?? {});
      return results.slice(opening.length);
    },
    atomically: (inner) => inner(unit),
    committed: (effect) => void effects.push(effect),
  };
  try {
    const result = await work(unit);
    if (!open) return { result, mark, effects };
    const last = await line.sendLast(commit, commitMs).catch((error: unknown) => {
      const told = mapError(error);
      if (answered(told)) throw told;
      return told;
    });
    if (isDataLayerError(last)) {
      if (writes) return { result, mark, effects, lost: last };
      throw last;
    }
    // COMMIT of a failed transaction answers ROLLBACK and no error.
    if (last.tag === "ROLLBACK")
      throw conflict(
        "TRANSACTION_ABORTED",
        "a statement of this unit failed and its error was swallowed; nothing was stored",
      );
    return { result, mark, effects };
  } catch (error) {
    if (open && !line.broken) await line.send([rollback]).catch(() => undefined);
    throw capped(error);
  }
}
