import { refused } from "@stellaops/kernel";
import type pg from "pg";
import { actAs, connected } from "./connect.ts";
import { categories, type Category } from "./files/name.ts";
import { readMigrations, type MigrationFile, type MigrationFolder } from "./files/read.ts";
import { rowsOf } from "./ledger/read.ts";
import type { LedgerRow } from "./ledger/row.ts";
import { withLock } from "./lock.ts";
import { dataLock } from "./locks.ts";
import type { Settings } from "./options.ts";
import { ofCategories, planOf, type PlanOptions } from "./plan.ts";
import { refuseProblems } from "./problem.ts";
import { runFiles, type AppliedFile } from "./run/files.ts";
import { prepare } from "./run/prepare.ts";

export interface ApplyOptions {
  /** All four when left out. */
  readonly categories?: readonly Category[];
  /** Say what would be applied; write nothing, take no lock. */
  readonly dryRun?: boolean;
}

export interface ApplyResult {
  /** With `dryRun`: none. */
  readonly applied: readonly AppliedFile[];
  /** What was pending in the wanted categories before the run. */
  readonly pending: readonly MigrationFile[];
}

export interface Limits extends PlanOptions {
  /** For startup, release and seed together; milliseconds. */
  readonly limitMs?: number;
}

export async function apply(settings: Settings, options: ApplyOptions, limits: Limits = {}): Promise<ApplyResult> {
  const { url, module, signal } = settings;
  const wanted = options.categories ?? categories;
  const folder = await readMigrations(module.migrations);
  refuseProblems(folder.problems);
  return connected(
    url,
    async (client) => {
      const rows = await rowsOf(client, module);
      const pending = pendingOf(folder, rows ?? [], wanted, limits);
      if (pending.length === 0 || options.dryRun === true) return { applied: [], pending };
      const role = await actAs(client, module, settings.role);
      const session: SessionWork = { settings, client, role, folder, limits };
      const schema = wanted.filter((category) => category !== "data");
      return {
        applied: [
          ...(schema.length > 0 || rows === undefined ? await applyUnder(session, module.schema, schema) : []),
          ...(wanted.includes("data") ? await applyUnder(session, dataLock(module), ["data"]) : []),
        ],
        pending,
      };
    },
    signal,
  );
}

interface SessionWork {
  readonly settings: Settings;
  readonly client: pg.ClientBase;
  readonly role: string | undefined;
  readonly folder: MigrationFolder;
  readonly limits: Limits;
}

/** The ledger is read again under the lock: another runner may have done the work meanwhile. */
function applyUnder(
  { settings, client, role, folder, limits }: SessionWork,
  lock: string,
  wanted: readonly Category[],
): Promise<readonly AppliedFile[]> {
  const { module, onEvent, signal, lockWaitMs, batchRows, log } = settings;
  return withLock(client, lock, { waitMs: lockWaitMs, onEvent, signal }, async () => {
    if (lock === module.schema) await prepare(client, module);
    const rows = (await rowsOf(client, module)) ?? [];
    const deadline = limits.limitMs === undefined ? undefined : performance.now() + limits.limitMs;
    const files = pendingOf(folder, rows, wanted, limits);
    return runFiles({ client, module, role, deadline, batchRows, onEvent, log, signal }, files, rows);
  });
}

function pendingOf(
  folder: MigrationFolder,
  rows: readonly LedgerRow[],
  wanted: readonly Category[],
  limits: Limits,
): readonly MigrationFile[] {
  const { problems, pending } = planOf(folder, rows, limits);
  refuseProblems(problems);
  const files = ofCategories(pending, wanted);
  const skipped = pending.find(
    (file) => !wanted.includes(file.category) && files.some((later) => isBefore(file, later)),
  );
  if (skipped !== undefined)
    throw refused(
      "MIGRATION_ORDER",
      `${skipped.name} is pending and comes before ${files.at(-1)?.name}; apply its category (${skipped.category}) too`,
    );
  return files;
}

const isBefore = (a: MigrationFile, b: MigrationFile): boolean =>
  categories.indexOf(a.category) < categories.indexOf(b.category);
