import { refused } from "@stellaops/kernel";
import type pg from "pg";
import { actAs, connected } from "./connect.ts";
import { readMigrations, type MigrationFolder } from "./files/read.ts";
import { rowsOf } from "./ledger/read.ts";
import type { LedgerRow } from "./ledger/row.ts";
import { ledgerOf } from "./ledger/sql.ts";
import { withLock } from "./lock.ts";
import { dataLock } from "./locks.ts";
import type { MigrationModule } from "./module.ts";
import type { Settings } from "./options.ts";
import { invalidIndexes } from "./run/outside.ts";

export interface RepairOptions {
  /** Applied files whose text changed and was reviewed: their checksum in the ledger becomes the file's. */
  readonly accept?: readonly string[];
  /** Half-done files whose progress is dropped, so that they begin anew. What they did stays. */
  readonly forget?: readonly string[];
  readonly dryRun?: boolean;
}

export interface RepairAction {
  readonly kind: "accept" | "forget" | "drop-index";
  /** A file, or a quoted index. */
  readonly name: string;
}

/**
 * What a run does not do by itself. Invalid indexes are dropped whoever left them; what a half-done file still has to
 * build is built by the next `apply`.
 *
 * @returns what was done, or with `dryRun` would be
 * @throws `MIGRATION_REPAIR_REFUSED` (refused): the ledger does not say what the option needs
 */
export async function repair(settings: Settings, options: RepairOptions = {}): Promise<readonly RepairAction[]> {
  const { url, module, signal, onEvent, lockWaitMs: waitMs } = settings;
  const folder = await readMigrations(module.migrations);
  return connected(
    url,
    async (client) => {
      await actAs(client, module, settings.role);
      const locked = <T>(name: string, work: () => Promise<T>): Promise<T> =>
        withLock(client, name, { waitMs, onEvent, signal }, work);
      return locked(module.schema, () => locked(dataLock(module), () => repairLocked(client, module, folder, options)));
    },
    signal,
  );
}

async function repairLocked(
  client: pg.ClientBase,
  module: MigrationModule,
  folder: MigrationFolder,
  { accept = [], forget = [], dryRun = false }: RepairOptions,
): Promise<readonly RepairAction[]> {
  const rows = (await rowsOf(client, module)) ?? [];
  const indexes = await invalidIndexes(client, module.schema);
  const steps = [
    ...indexes.map((name) => step("drop-index", name, `drop index concurrently if exists ${name}`)),
    ...accept.map((name) => acceptStep(module, folder, rows, name)),
    ...forget.map((name) => forgetStep(module, rows, name)),
  ];
  if (!dryRun) for (const { sql, values } of steps) await client.query(sql, values);
  return steps.map(({ kind, name }) => ({ kind, name }));
}

const step = (kind: RepairAction["kind"], name: string, sql: string, values: unknown[] = []) => ({
  kind,
  name,
  sql,
  values,
});

function acceptStep(module: MigrationModule, folder: MigrationFolder, rows: readonly LedgerRow[], name: string) {
  const file = folder.files.find((one) => one.name === name);
  if (file === undefined || !rows.some((row) => row.name === name && row.state === "applied"))
    throw refused(
      "MIGRATION_REPAIR_REFUSED",
      `${name} is not both in the folder and applied; only such a file can be accepted`,
    );
  const sql = `update ${ledgerOf(module)} set checksum = $2 where migration_name = $1`;
  return step("accept", name, sql, [name, file.checksum]);
}

function forgetStep(module: MigrationModule, rows: readonly LedgerRow[], name: string) {
  if (!rows.some((row) => row.name === name && row.state === "running"))
    throw refused(
      "MIGRATION_REPAIR_REFUSED",
      `${name} is not half done; only the progress of a half-done file can be forgotten`,
    );
  const sql = `delete from ${ledgerOf(module)} where migration_name = $1 and state = 'running'`;
  return step("forget", name, sql, [name]);
}
