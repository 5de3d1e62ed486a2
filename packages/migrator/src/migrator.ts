import { apply, type ApplyOptions, type ApplyResult } from "./apply.ts";
import { connected } from "./connect.ts";
import { readMigrations } from "./files/read.ts";
import { rowsOf } from "./ledger/read.ts";
import { settingsOf, type MigratorOptions } from "./options.ts";
import { planOf, type Plan } from "./plan.ts";
import { repair, type RepairAction, type RepairOptions } from "./repair.ts";
import { status, type Status } from "./status.ts";
import { verify, type Verification } from "./verify.ts";

/**
 * Migrations of one module on PostgreSQL. Any number of processes may call any method at once: one at a time writes.
 * Every method opens and closes its own connection, and throws `POSTGRES_UNREACHABLE` (unavailable).
 */
export interface Migrator {
  /** What is pending and what stands in the way. Reads only; throws for neither. */
  plan(): Promise<Plan>;
  /**
   * Applies what is pending: startup, release, seed, data. A file is applied once, whoever crashes when.
   *
   * @throws the first problem's code (`MIGRATION_EDITED`, `_MISSING`, `_RENAMED`, `_REORDERED`, `_MISNAMED`, …);
   * `MIGRATION_FAILED`, `MIGRATION_SYNTAX`, `MIGRATION_FORM` with file and line; `MIGRATION_LOCK_TIMEOUT`,
   * `MIGRATION_CONTENTION` (transient); `MIGRATION_CONNECTION_LOST` (unavailable); `MIGRATION_ROLE_REFUSED`
   */
  apply(options?: ApplyOptions): Promise<ApplyResult>;
  /** Each file with its ledger row, and who is at work. Reads only. */
  status(): Promise<Status>;
  /** Is the database exactly what the folder says? Reads only. */
  verify(): Promise<Verification>;
  /** Drops invalid indexes; accepts reviewed edits; drops the progress of half-done files. */
  repair(options?: RepairOptions): Promise<readonly RepairAction[]>;
}

/** @throws `MODULE_NAME_INVALID`, `MIGRATION_BATCH_SIZE` (programming) */
export function createMigrator(options: MigratorOptions): Migrator {
  const settings = settingsOf(options);
  const { url, module, signal } = settings;
  return {
    plan: async () => {
      const folder = await readMigrations(module.migrations);
      return connected(url, async (client) => planOf(folder, (await rowsOf(client, module)) ?? []), signal);
    },
    apply: (what = {}) => apply(settings, what),
    status: () => status(settings),
    verify: () => verify(settings),
    repair: (what) => repair(settings, what),
  };
}
