import { installPostgres } from "@stellaops/cutover";
import { openModule, type ModuleWiring, type SystemRepositories, type SystemWiring } from "@stellaops/cutover/open";
import { openPostgres, singleUnit, transaction, type Postgres } from "@stellaops/postgres";
import { postgresDatabase, type PostgresDatabase } from "../postgres-database.ts";
import { loginRole } from "../roles.ts";
import { roleUrl } from "../urls.ts";
import { withPostgres } from "../with-postgres.ts";
import type { AnyWiring, Entry, Rig, RigOptions } from "./rig.ts";
import { bind, registerFor, scopesOfModule, scopesOver } from "./scopes.ts";

export interface PostgresRig<R, S = object> extends Rig<R, S> {
  readonly database: PostgresDatabase;
  readonly postgres: Postgres;
  /** A URL of the role that services log in as. */
  readonly appUrl: string;
}

type Installed = Pick<ModuleWiring<never>, "name" | "schema" | "migrations" | "aggregates">;

/** A database with the module installed, from the run's template. */
export const modulePostgres = (module: Installed): Promise<PostgresDatabase> =>
  postgresDatabase({ template: module.name, prepare: (url) => installPostgres({ module, url }) });

export async function postgresRig<R, S extends SystemRepositories<S> = object>(
  wiring: AnyWiring<R, S>,
  { registered = false }: RigOptions = {},
): Promise<PostgresRig<R, S>> {
  const { name, schema, aggregates } = wiring;
  const database = await modulePostgres(wiring);
  const role = await loginRole(`${name}_app_test`, { memberOf: [`${name}_app`] });
  const appUrl = roleUrl(database.url, role.name, role.password);
  const postgres = openPostgres({ url: appUrl, max: 8 });
  const opened = await openModule(wiring as SystemWiring<R, S>, { postgres, stage: "postgres" });
  const { repositories } = await wiring.postgres();
  const { pool } = postgres;
  const register = registerFor(name);
  return {
    database,
    postgres,
    appUrl,
    registered,
    at: registered
      ? scopesOver(wiring, {
          single: (tenant, work) => work(bind(repositories, singleUnit(pool, { tenant, register }))),
          transaction: (tenant, work) =>
            transaction(pool, { tenant, register }, (unit) => work(bind(repositories, unit))),
        })
      : scopesOfModule(opened),
    system: () => opened.system(),
    register: () => registerOf(database.url),
    reset: () =>
      withPostgres(database.url, async (client) => {
        const tables = aggregates.map(({ table }) => `delete from ${schema}.${table};`);
        await client.query(`${tables.join(" ")} delete from cutover.register`);
      }),
    close: async () => {
      await opened.close();
      await postgres.close();
      await database.expectNoLeaks();
      await database.drop();
    },
  };
}

const registerOf = (url: string): Promise<readonly Entry[]> =>
  withPostgres(url, async (client) => {
    const { rows } = await client.query<Entry & { generation: string; revision: string }>(
      `select aggregate, tenant_id as "tenantId", id, generation, revision, deleted, pending
       from cutover.register order by aggregate, tenant_id, id`,
    );
    return rows.map((row) => ({ ...row, generation: BigInt(row.generation), revision: BigInt(row.revision) }));
  });
