import { programming } from "@stellaops/kernel";
import { isDeepStrictEqual } from "node:util";
import type { MigrationFile } from "../files/read.ts";
import type { Cursor, LedgerRow } from "../ledger/row.ts";
import { progressRow } from "../ledger/sql.ts";
import { quoted } from "../module.ts";
import { usesPosition } from "../sql/form.ts";
import type { Statement } from "../sql/parse.ts";
import { statementsOf } from "../sql/statements.ts";
import { execute, inTransaction } from "./execute.ts";
import type { Run } from "./run.ts";
import { beginFile, finishFile } from "./whole.ts";

interface Batch {
  readonly rows: number;
  readonly position: unknown;
}

/**
 * Each statement of the file is repeated until it touches no row; every batch is one transaction with its progress in
 * the ledger row. $1 is the size of the batch. A statement that also takes $2 is given the position (jsonb, null at
 * first) that it answered the time before, in one row `(rows, position)`; for tables that have to be walked through.
 *
 * @param actor the role that the batches run as; undefined for the run's own
 */
export async function runBatches(
  run: Run,
  file: MigrationFile,
  row: LedgerRow | undefined,
  actor: string | undefined,
): Promise<void> {
  const statements = await statementsOf(file);
  if (row === undefined) await beginFile(run, file);
  let cursor: Cursor = row?.cursor ?? { done: 0 };
  let rowsDone = row?.rowsDone ?? 0n;
  for (let statement = statements[cursor.done]; statement !== undefined; statement = statements[cursor.done]) {
    const { batch, next } = await runBatch(run, file, statement, cursor, actor);
    cursor = next;
    rowsDone += BigInt(batch.rows);
    run.onEvent({ kind: "batch", file: file.name, rows: batch.rows, rowsDone });
  }
  await finishFile(run, file, 0);
}

async function runBatch(
  run: Run,
  file: MigrationFile,
  statement: Statement,
  cursor: Cursor,
  actor: string | undefined,
) {
  const since = performance.now();
  const nextOf = (batch: Batch): Cursor =>
    batch.rows === 0 ? { done: cursor.done + 1 } : { done: cursor.done, position: batch.position };
  const work = async (): Promise<Batch> => {
    if (actor !== undefined) await run.client.query(`set local role ${quoted(actor)}`);
    const batch = batchOf(file, statement, await execute(run, file, statement, valuesOf(run, statement, cursor)));
    if (batch.rows > 0 && batch.position !== null && isDeepStrictEqual(batch.position, cursor.position))
      throw answerMistake(file, statement, "the position did not move although rows were touched");
    return batch;
  };
  const record = (batch: Batch): Promise<unknown> => {
    const milliseconds = Math.round(performance.now() - since);
    return run.client.query(progressRow(run.module), [
      file.name,
      nextOf(batch),
      batch.rows,
      file.checksum,
      milliseconds,
    ]);
  };
  const batch = await inTransaction(run, file, work, record);
  return { batch, next: nextOf(batch) };
}

const valuesOf = (run: Run, { sql }: Statement, { position }: Cursor): unknown[] =>
  usesPosition(sql)
    ? [run.batchRows, position === undefined || position === null ? null : JSON.stringify(position)]
    : [run.batchRows];

function batchOf(
  file: MigrationFile,
  statement: Statement,
  result: { readonly rowCount: number | null; readonly rows: readonly Record<string, unknown>[] },
): Batch {
  if (!usesPosition(statement.sql)) return { rows: result.rowCount ?? 0, position: null };
  const [answer] = result.rows;
  const rows = Number(answer?.["rows"]);
  if (result.rows.length !== 1 || !Number.isInteger(rows))
    throw answerMistake(
      file,
      statement,
      "a batch with $2 must answer one row with the columns rows (bigint) and position (jsonb)",
    );
  return { rows, position: answer?.["position"] ?? null };
}

const answerMistake = (file: MigrationFile, { line }: Statement, what: string): Error =>
  programming("MIGRATION_BATCH_ANSWER", `${file.name}:${line}: ${what}`, { details: { file: file.name, line } });
