import { retryTransient } from "@stellaops/kernel";
import type pg from "pg";
import type { MigrationFile } from "../files/read.ts";
import { quoted } from "../module.ts";
import type { Statement } from "../sql/parse.ts";
import { failureOf, startupTimeout } from "./failure.ts";
import { contentionMs, lockTimeoutMs, remainingMs, type Run } from "./run.ts";

/** Runs one statement within the limits of the run; errors name file and line. */
export async function execute(
  run: Run,
  file: MigrationFile,
  statement: Statement,
  values?: unknown[],
): Promise<pg.QueryResult> {
  run.onEvent({ kind: "statement", file: file.name, line: statement.line });
  try {
    await limit(run, file, lockTimeoutMs);
    run.signal?.throwIfAborted();
    return await run.client.query(statement.sql, values);
  } catch (error) {
    throw failureOf(run, file, statement.line, error);
  }
}

/** Statements that build concurrently wait for old transactions by design, and nobody queues behind them. */
export async function limit(run: Run, file: MigrationFile, lockMs: number): Promise<void> {
  if (run.deadline !== undefined && performance.now() >= run.deadline) throw startupTimeout(run, file.name);
  await run.client.query(`set statement_timeout = ${remainingMs(run) ?? 0}; set lock_timeout = ${lockMs}`);
}

/**
 * One transaction; again from its beginning when it meets contention. The role is restored before the ledger is
 * written, should the work have changed it.
 */
export function inTransaction<T>(
  run: Run,
  file: MigrationFile,
  work: () => Promise<T>,
  record: (result: T) => Promise<unknown>,
): Promise<T> {
  const attempt = async (): Promise<T> => {
    try {
      await run.client.query("begin");
      const result = await work();
      await run.client.query(run.role === undefined ? "set local role none" : `set local role ${quoted(run.role)}`);
      await record(result);
      run.onEvent({ kind: "recording", file: file.name });
      await run.client.query("commit");
      return result;
    } catch (error) {
      await run.client.query("rollback").catch(() => {});
      throw failureOf(run, file, undefined, error);
    }
  };
  const onRetry = (error: unknown): void => run.log.warn({ file: file.name, error }, "contention; trying again");
  return retryTransient(attempt, {
    deadlineMs: remainingMs(run) ?? contentionMs,
    onRetry,
    ...(run.signal === undefined ? {} : { signal: run.signal }),
  });
}
