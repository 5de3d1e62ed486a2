import { refused } from "@stellaops/kernel";
import { checksum } from "../files/text.ts";
import type { MigrationFile } from "../files/read.ts";
import type { Cursor, LedgerRow } from "../ledger/row.ts";
import { progressRow } from "../ledger/sql.ts";
import { outsideOf } from "../sql/form.ts";
import type { Statement } from "../sql/parse.ts";
import { statementsOf } from "../sql/statements.ts";
import { execute, inTransaction } from "./execute.ts";
import { runOutside } from "./outside.ts";
import type { Run } from "./run.ts";
import { beginFile, finishFile } from "./whole.ts";

/**
 * Statement by statement, each recorded. What can run in a transaction does, together with its record: exactly once.
 * What cannot is marked as begun first, so that a later run knows that its effect may already be there.
 */
export async function runStepwise(run: Run, file: MigrationFile, row: LedgerRow | undefined): Promise<void> {
  const statements = await statementsOf(file);
  const cursor = row?.cursor ?? { done: 0 };
  checkPrefix(file, statements, cursor);
  if (row === undefined) await beginFile(run, file);
  const record = (done: number, begun: boolean, since: number): Promise<unknown> =>
    writeCursor(run, file, { done, begun, prefix: prefixOf(statements, done) }, since);
  for (const statement of statements.slice(cursor.done)) {
    const since = performance.now();
    const outside = outsideOf(statement.node);
    if (outside === undefined) {
      const work = (): Promise<unknown> => execute(run, file, statement);
      await inTransaction(run, file, work, () => record(statement.index + 1, false, since));
      continue;
    }
    const resumed = cursor.begun === true && cursor.done === statement.index;
    if (!resumed) await record(statement.index, true, since);
    await runOutside(run, file, statement, outside, resumed);
    run.onEvent({ kind: "recording", file: file.name });
    await record(statement.index + 1, false, since);
  }
  await finishFile(run, file, 0);
}

const prefixOf = (statements: readonly Statement[], done: number): string =>
  checksum(JSON.stringify(statements.slice(0, done).map(({ sql }) => sql)));

const writeCursor = (run: Run, file: MigrationFile, cursor: Cursor, since: number): Promise<unknown> =>
  run.client.query(progressRow(run.module), [
    file.name,
    cursor,
    0,
    file.checksum,
    Math.round(performance.now() - since),
  ]);

/** What is done cannot be edited; what is not done yet may be corrected, or a wrong statement could never be mended. */
function checkPrefix(file: MigrationFile, statements: readonly Statement[], cursor: Cursor): void {
  if (cursor.done === 0 || cursor.prefix === prefixOf(statements, cursor.done)) return;
  throw refused(
    "MIGRATION_EDITED",
    `${file.name} was edited in the ${cursor.done} statements that are done; restore those, only what follows them may change`,
    { details: { file: file.name, done: cursor.done } },
  );
}
