import { programming, silent, type Logger } from "@stellaops/kernel";
import type { RoleChoice } from "./connect.ts";
import type { OnEvent } from "./events.ts";
import { checkModule, type MigrationModule } from "./module.ts";

export interface MigratorOptions {
  readonly module: MigrationModule;
  /** A direct connection to PostgreSQL: the lock is held by the session. */
  readonly url: string;
  /** Left out: `<module>_owner` where that role exists. `false`: the login itself. */
  readonly role?: RoleChoice;
  readonly log?: Logger;
  readonly onEvent?: OnEvent;
  readonly signal?: AbortSignal;
  /** How long to wait for another runner of this schema; milliseconds, 90,000 when left out. */
  readonly lockWaitMs?: number;
  /** Rows of one batch of a data migration: 1,000 to 10,000; 5,000 when left out. */
  readonly batchRows?: number;
}

export interface Settings {
  readonly module: MigrationModule;
  readonly url: string;
  readonly role: RoleChoice;
  readonly log: Logger;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal | undefined;
  readonly lockWaitMs: number;
  readonly batchRows: number;
}

/** @throws `MODULE_NAME_INVALID`, `MIGRATION_BATCH_SIZE` (programming) */
export function settingsOf(options: MigratorOptions): Settings {
  const { batchRows = 5_000 } = options;
  checkModule(options.module);
  if (!Number.isInteger(batchRows) || batchRows < 1_000 || batchRows > 10_000)
    throw programming("MIGRATION_BATCH_SIZE", `a batch has 1,000 to 10,000 rows, not ${batchRows}`);
  return {
    module: options.module,
    url: options.url,
    role: options.role,
    log: options.log ?? silent,
    onEvent: options.onEvent ?? (() => {}),
    signal: options.signal,
    lockWaitMs: options.lockWaitMs ?? 90_000,
    batchRows,
  };
}
