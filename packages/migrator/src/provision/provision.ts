import { retryTransient, refused, silent, transient, type Logger } from "@stellaops/kernel";
import type pg from "pg";
import { connected } from "../connect.ts";
import { withLock } from "../lock.ts";
import type { MigrationModule } from "../module.ts";
import { sqlStateOf } from "../sql/state.ts";
import { provisionSql, type Passwords } from "./sql.ts";

export interface ProvisionOptions {
  readonly module: MigrationModule;
  /** Of a superuser, or of a role that may create roles and bypasses row level security. */
  readonly url: string;
  readonly passwords?: Passwords;
  readonly dryRun?: boolean;
  readonly log?: Logger;
  readonly signal?: AbortSignal;
}

/**
 * Makes the roles and schemas that a module's migrations and services need, before its first migration. Repeatable, and
 * safe beside others that provision in the same cluster.
 *
 * @returns the script; with `dryRun` it was not run
 * @throws `PROVISION_REFUSED` (refused), `POSTGRES_UNREACHABLE` (unavailable), and those of `provisionSql`
 */
export async function provision(options: ProvisionOptions): Promise<{ readonly sql: string }> {
  const { module, url, signal, log = silent } = options;
  const sql = provisionSql(module, options.passwords);
  if (options.dryRun === true) return { sql };
  const lock = { waitMs: 30_000, onEvent: () => {}, signal };
  await connected(
    url,
    (client) =>
      withLock(client, "provisioning", lock, () =>
        retryTransient(() => attempt(client, module, sql), { deadlineMs: 30_000 }),
      ),
    signal,
  );
  log.info({ module: module.name }, "roles and schemas are there");
  return { sql };
}

/** One transaction. The lock is this database's; roles are the cluster's, where other databases may be at work. */
async function attempt(client: pg.ClientBase, module: MigrationModule, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (cause) {
    const state = sqlStateOf(cause);
    const message = cause instanceof Error ? cause.message : String(cause);
    // unique_violation, duplicate_object, and "tuple concurrently updated", which has no code of its own
    if (["23505", "42710", "XX000", "40P01"].includes(state ?? ""))
      throw transient("PROVISION_RACED", message, { cause });
    if (state === "42501")
      throw refused(
        "PROVISION_REFUSED",
        `this login may not provision ${module.name} (${message}); use a superuser, or a role with CREATEROLE and BYPASSRLS`,
        { cause },
      );
    throw cause;
  }
}
