import { installPostgres } from "@stellaops/cutover";
import { openPostgres, singleUnit, transaction, type Postgres, type Unit } from "@stellaops/postgres";
import { loginRole, postgresDatabase, roleUrl, withPostgres, type PostgresDatabase } from "@stellaops/testkit";
import { openVuln, vuln } from "@stellaops/vuln";
import { repositories } from "../src/postgres/index.ts";
import { scopes, scopesOfModule, testRegister, type Entry, type Name, type Repositories, type Rig } from "./store.ts";

export interface PostgresRig extends Rig {
  readonly database: PostgresDatabase;
  readonly postgres: Postgres;
  /** A URL of the role that services log in as. */
  readonly appUrl: string;
}

/** A database with the module installed, from the run's template. */
const vulnPostgres = (): Promise<PostgresDatabase> =>
  postgresDatabase({ template: "vuln", prepare: (url) => installPostgres({ module: vuln, url }) });

const bind = (unit: Unit): Repositories =>
  Object.fromEntries(
    Object.entries(repositories).map(([name, Repository]) => [name, new Repository(unit)]),
  ) as unknown as Readonly<Record<Name, never>>;

export async function postgresRig({ registered = false } = {}): Promise<PostgresRig> {
  const database = await vulnPostgres();
  const role = await loginRole("vuln_app_test", { memberOf: ["vuln_app"] });
  const appUrl = roleUrl(database.url, role.name, role.password);
  const postgres = openPostgres({ url: appUrl, max: 8 });
  const opened = await openVuln({ postgres, stage: "postgres" });
  const { pool } = postgres;
  return {
    database,
    postgres,
    appUrl,
    registered,
    at: registered
      ? scopes({
          single: (tenant, work) => work(bind(singleUnit(pool, { tenant, register: testRegister }))),
          transaction: (tenant, work) =>
            transaction(pool, { tenant, register: testRegister }, (unit) => work(bind(unit))),
        })
      : scopesOfModule(opened),
    register: () => registerOf(database.url),
    reset: () =>
      withPostgres(database.url, async (client) => {
        const tables = vuln.aggregates.map(({ table }) => `delete from vuln.${table};`);
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
