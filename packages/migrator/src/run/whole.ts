import { transient } from "@stellaops/kernel";
import type { MigrationFile } from "../files/read.ts";
import { beginRow, finishRow } from "../ledger/sql.ts";
import { statementsOf } from "../sql/statements.ts";
import { execute, inTransaction } from "./execute.ts";
import type { Run } from "./run.ts";

/** The whole file and its ledger row in one transaction. */
export async function runWhole(run: Run, file: MigrationFile): Promise<void> {
  const statements = await statementsOf(file);
  const begun = performance.now();
  await inTransaction(
    run,
    file,
    async () => {
      await beginFile(run, file);
      for (const statement of statements) await execute(run, file, statement);
    },
    () => finishFile(run, file, performance.now() - begun),
  );
}

/** @throws `MIGRATION_RACED` (transient): another runner has the file although this one holds the lock */
export async function beginFile(run: Run, file: MigrationFile): Promise<void> {
  const { rowCount } = await run.client.query(beginRow(run.module), [file.name, file.category, file.checksum]);
  if (rowCount === 0)
    throw transient(
      "MIGRATION_RACED",
      `${file.name} is being applied by another runner; run again to see how it ended`,
    );
}

export const finishFile = (run: Run, file: MigrationFile, milliseconds: number): Promise<unknown> =>
  run.client.query(finishRow(run.module), [file.name, Math.round(milliseconds)]);
