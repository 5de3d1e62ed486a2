import { postgresSchema } from "@stellaops/cutover";
import { refused, type ModuleDefinition } from "@stellaops/kernel";
import { createMigrator, rolesOf } from "@stellaops/migrator";
import { checkService, type Postgres } from "@stellaops/postgres";
import type { Context } from "../context.ts";
import { reachPostgres } from "../servers.ts";
import type { Probes } from "./probe.ts";

/** The login of services: server, role, policies and clock, then the ledgers; and the other two logins where they are configured. */
export async function lookAtPostgres(
  { connections, settings, signal }: Context,
  module: ModuleDefinition,
  probes: Probes,
): Promise<void> {
  const { name, schema, aggregates } = module;
  const there = await probes.look("postgres", async () => {
    const version = await reachPostgres(connections.postgres("postgresUrl", name));
    return `PostgreSQL ${version}`;
  });
  const rest = ["postgres roles, policies and clock", "postgres migrations"];
  if (there) {
    const postgres = connections.postgres("postgresUrl", name);
    await probes.look("postgres roles, policies and clock", async () => {
      await checkService(postgres, { schema, aggregates });
      return "the login owns nothing and is held by row-level security, every table has its four policies, clocks agree";
    });
    await probes.look("postgres migrations", () => ledgers(postgres.url, module, signal));
  } else probes.skip(rest, "PostgreSQL was not reached");
  await probes.look("replicator login", () => replicator(connections.postgres("replicatorUrl", name)));
  if (settings.get("postgresAdminUrl", name) === undefined)
    probes.skip(["migration login"], "STELLA_POSTGRES_ADMIN_URL is not set; only migrate needs it");
  else await probes.look("migration login", () => migrator(connections.postgres("postgresAdminUrl", name), module));
}

async function ledgers(url: string, module: ModuleDefinition, signal: AbortSignal): Promise<string> {
  for (const set of [postgresSchema, module]) {
    const { problems, pending, invalidIndexes } = await createMigrator({ module: set, url, signal }).verify();
    const faults = [
      ...problems.map(({ message }) => message),
      ...pending.map((file) => `${file} is pending`),
      ...invalidIndexes.map((index) => `${index} is invalid`),
    ];
    if (faults.length > 0)
      throw refused(
        "MIGRATIONS_NOT_CLEAN",
        `${set.name}: ${faults.join("; ")}; run \`stella-data migrate ${pending.length > 0 ? "apply" : "verify"} --module ${module.name}\``,
      );
  }
  return "every file is applied and as it was";
}

async function replicator(postgres: Postgres): Promise<string> {
  await reachPostgres(postgres);
  const { rows } = await postgres.pool.query<{ role: string; sees: boolean; member: boolean }>(
    `select current_user as role, rolbypassrls or rolsuper as sees,
 exists (select from pg_roles g where g.rolname = 'cutover_app' and pg_has_role(current_user, g.oid, 'USAGE')) as member
 from pg_roles where rolname = current_user`,
  );
  const [found] = rows;
  if (found?.sees === true && found.member) return `${found.role} sees the rows of all tenants`;
  throw refused(
    "REPLICATOR_ROLE",
    `${found?.role} ${found?.sees === true ? "is no member of cutover_app" : "is held to one tenant by row-level security"}; let STELLA_REPLICATOR_URL log in as stella_replicator`,
  );
}

async function migrator(postgres: Postgres, module: ModuleDefinition): Promise<string> {
  await reachPostgres(postgres);
  const { owner } = rolesOf(module);
  const { rows } = await postgres.pool.query<{ role: string; may: boolean | null }>(
    "select current_user as role, (select pg_has_role(current_user, oid, 'MEMBER') from pg_roles where rolname = $1) as may",
    [owner],
  );
  const [found] = rows;
  if (found?.may === true) return `${found.role} may act as ${owner}`;
  throw refused(
    "MIGRATION_ROLE_REFUSED",
    found?.may === false
      ? `${found.role} is no member of ${owner}; grant it, or give another login`
      : `there is no role ${owner}; run \`stella-data migrate provision --module ${module.name}\``,
  );
}
