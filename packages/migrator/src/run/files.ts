import type { Category } from "../files/name.ts";
import type { MigrationFile } from "../files/read.ts";
import type { LedgerRow } from "../ledger/row.ts";
import { takeRole } from "../connect.ts";
import { quoted, replicatorRole } from "../module.ts";
import { runBatches } from "./batches.ts";
import type { Run } from "./run.ts";
import { runStepwise } from "./stepwise.ts";
import { runWhole } from "./whole.ts";

export interface AppliedFile {
  readonly name: string;
  readonly category: Category;
  readonly durationMs: number;
}

/** In the order given; under the lock. What is half done goes on from what is recorded. */
export async function runFiles(
  run: Run,
  files: readonly MigrationFile[],
  rows: readonly LedgerRow[],
): Promise<readonly AppliedFile[]> {
  const applied: AppliedFile[] = [];
  for (const file of files) {
    run.signal?.throwIfAborted();
    const row = rows.find(({ name }) => name === file.name);
    const begun = performance.now();
    run.onEvent({ kind: "file", file: file.name, category: file.category, resumed: row !== undefined });
    await runFile(run, file, row);
    const one = { name: file.name, category: file.category, durationMs: Math.round(performance.now() - begun) };
    run.onEvent({ kind: "applied", file: one.name, durationMs: one.durationMs });
    run.log.info({ ...one, module: run.module.name }, "migration applied");
    applied.push(one);
  }
  return applied;
}

async function runFile(run: Run, file: MigrationFile, row: LedgerRow | undefined): Promise<void> {
  if (file.mode === "transaction") return runWhole(run, file);
  if (file.mode === "statements") return runStepwise(run, file, row);
  return runBatches(run, file, row, await replicator(run));
}

/**
 * Data migrations touch the rows of all tenants, which forced row level security hides from the owner too. Where the
 * login itself acts nothing was provisioned, and the role, should another database of the cluster have it, may do nothing.
 */
async function replicator(run: Run): Promise<string | undefined> {
  if (run.role === undefined) return undefined;
  const role = await takeRole(run.client, run.module, replicatorRole, false);
  await run.client.query(`set role ${quoted(run.role)}`);
  return role;
}
