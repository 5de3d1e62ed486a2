import { refused, unavailable } from "@stellaops/kernel";
import pg from "pg";
import { quoted, type MigrationModule } from "./module.ts";
import { isConnectionLoss, sqlStateOf } from "./sql/state.ts";

/**
 * A direct connection (not through PgBouncer in transaction mode: the lock belongs to the session), closed whatever
 * happens. On abort the statement that is running is cancelled.
 *
 * @throws `POSTGRES_UNREACHABLE` (unavailable)
 */
export async function connected<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const client = new pg.Client({
    connectionString: url,
    options: "-c timezone=UTC",
    application_name: "stella-data migrate",
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // A connection lost while idle is told by the next query; without a listener it would end the process.
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw unreachable(cause);
  }
  const cancel = (): void => void cancelQuery(url, client).catch(() => {});
  signal?.addEventListener("abort", cancel, { once: true });
  try {
    return await work(client);
  } catch (error) {
    throw signal?.aborted === true ? signal.reason : lost(error);
  } finally {
    signal?.removeEventListener("abort", cancel);
    await client.end().catch(() => {});
  }
}

/** What went wrong between the statements of files; those say more themselves. */
export const lost = (cause: unknown): unknown =>
  isConnectionLoss(cause)
    ? unavailable("MIGRATION_CONNECTION_LOST", `the connection was lost: ${String(cause)}; run again`, { cause })
    : cause;

const unreachable = (cause: unknown): Error =>
  unavailable(
    "POSTGRES_UNREACHABLE",
    `no connection to PostgreSQL: ${cause instanceof Error ? cause.message || String(Reflect.get(cause, "code")) : String(cause)}; check the URL, and that the server is up`,
    { cause },
  );

async function cancelQuery(url: string, { processID }: pg.Client & { processID?: number | null }): Promise<void> {
  if (processID === undefined || processID === null) return;
  await connected(url, (other) => other.query("select pg_cancel_backend($1)", [processID]));
}

/** The role to act as: a name, `false` for the login itself; left out, the module's owner where that role exists. */
export type RoleChoice = string | false | undefined;

/**
 * Becomes the module's owner and pins the search path, so that what a file makes belongs to the same role in the same
 * schema whoever runs it.
 *
 * @returns the role taken; undefined when the login itself acts
 * @throws `MIGRATION_ROLE_REFUSED` (refused)
 */
export async function actAs(
  client: pg.ClientBase,
  module: MigrationModule,
  role: RoleChoice,
): Promise<string | undefined> {
  await client.query(`set search_path = ${quoted(module.schema)}, public`);
  return role === false ? undefined : takeRole(client, module, role ?? `${module.name}_owner`, role !== undefined);
}

/** A role that does not exist is passed over, unless it was asked for by name. */
export async function takeRole(
  client: pg.ClientBase,
  module: MigrationModule,
  role: string,
  required: boolean,
): Promise<string | undefined> {
  try {
    await client.query(`set role ${quoted(role)}`);
    return role;
  } catch (cause) {
    const state = sqlStateOf(cause);
    // invalid_parameter_value: there is no such role. insufficient_privilege: it may not be taken.
    if (state === "22023" && !required) return undefined;
    if (state !== "22023" && state !== "42501") throw cause;
    throw refused(
      "MIGRATION_ROLE_REFUSED",
      state === "22023"
        ? `there is no role ${role}; run \`stella-data migrate provision --module ${module.name}\``
        : `this login may not act as ${role}; run \`stella-data migrate apply --module ${module.name}\` as a login that is a member of ${role}`,
      { cause, details: { role } },
    );
  }
}
