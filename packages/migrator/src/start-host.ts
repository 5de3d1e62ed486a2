import { refused } from "@stellaops/kernel";
import type pg from "pg";
import { apply } from "./apply.ts";
import { startBackground, type Background } from "./background.ts";
import { connected, lost } from "./connect.ts";
import { readMigrations } from "./files/read.ts";
import { rowsOf } from "./ledger/read.ts";
import { settingsOf, type MigratorOptions } from "./options.ts";
import { planOf, type Plan, type PlanOptions } from "./plan.ts";
import { refuseProblems } from "./problem.ts";
import type { AppliedFile } from "./run/files.ts";

export interface StartHostOptions extends MigratorOptions, PlanOptions {
  /** An open connection for the one question that a start with nothing to do asks; left as it was. */
  readonly client?: pg.ClientBase;
  /** For startup and seed files together; milliseconds, 60,000 when left out. */
  readonly limitMs?: number;
}

export interface StartedHost {
  /** By this process; another one may have applied the rest. */
  readonly applied: readonly AppliedFile[];
  /** Data migrations, going on behind the service. */
  readonly data: Background;
}

/**
 * Called by a service before it serves. With nothing to do it costs one round trip, no lock and no transaction.
 * Otherwise startup and seed files are applied, within the limit; data migrations go on in the background.
 *
 * @throws `MIGRATION_RELEASE_PENDING` (refused) naming the files, before anything is applied;
 * `MIGRATION_STARTUP_TIMEOUT` (refused); `MIGRATION_ROLE_REFUSED` (refused) where this login only reads; and all of
 * {@link Migrator.apply}
 */
export async function startHost(options: StartHostOptions): Promise<StartedHost> {
  const settings = settingsOf(options);
  const { module, url, signal } = settings;
  const folder = await readMigrations(module.migrations);
  const ask = async (client: pg.ClientBase): Promise<Plan> =>
    planOf(folder, (await rowsOf(client, module)) ?? [], options);
  const plan = await (options.client === undefined ? connected(url, ask, signal) : ask(options.client).catch(rethrow));
  refuseProblems(plan.problems);
  const pending = (category: string): readonly string[] =>
    plan.pending.filter((file) => file.category === category).map(({ name }) => name);
  refuseRelease(module.name, pending("release"));
  const limits = { limitMs: options.limitMs ?? 60_000, acceptNewer: options.acceptNewer ?? false };
  const now = [...pending("startup"), ...pending("seed")];
  const { applied } =
    now.length === 0 ? { applied: [] } : await apply(settings, { categories: ["startup", "seed"] }, limits);
  return { applied, data: startBackground(settings, pending("data"), limits.acceptNewer) };
}

const rethrow = (error: unknown): never => {
  throw lost(error);
};

function refuseRelease(module: string, files: readonly string[]): void {
  if (files.length === 0) return;
  throw refused(
    "MIGRATION_RELEASE_PENDING",
    `${files.join(", ")} ${files.length === 1 ? "is" : "are"} pending; run \`stella-data migrate apply --module ${module}\` before this release is started`,
    { details: { files } },
  );
}
