import { installMongo, installPostgres } from "@stellaops/cutover";
import { tenantId } from "@stellaops/kernel";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import type { Servers } from "@stellaops/servers";
import { openVuln, vuln, type Vuln } from "@stellaops/vuln";
import pg from "pg";

/** Passwords of logins that live as long as the bench. */
export const passwords = { app: "bench-app-login", replicator: "bench-replicator-login" };
export const connections = 8;
export const tenant = tenantId("acme");

/** The vuln module on both servers, in databases of their own. */
export interface Rig extends AsyncDisposable {
  /** The role of a service: held by row-level security. */
  readonly app: Postgres;
  /** Bypasses it. */
  readonly replicator: Postgres;
  /** Plain pools of as many connections, for what is compared against; `session` and `bypass`: the tenant set once a connection. */
  readonly plain: { readonly app: pg.Pool; readonly session: pg.Pool; readonly bypass: pg.Pool };
  readonly mongo: Mongo;
  /** Its database as a superuser, and the server of MongoDB's: for what brings a schema of its own. */
  readonly urls: { readonly postgres: string; readonly mongo: string };
  /** The module on each database, as a service opens it. */
  readonly onPostgres: Vuln;
  readonly onMongo: Vuln;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

let made = 0;

export async function rigOf(servers: Servers): Promise<Rig> {
  const name = `stella_bench_${process.pid}_${(made += 1)}`;
  const maintenance = new pg.Client({ connectionString: servers.postgres.url });
  await maintenance.connect();
  await maintenance.query(`create database ${name}`);
  const at = (user?: string, password?: string): string =>
    Object.assign(new URL(servers.postgres.url), {
      pathname: `/${name}`,
      ...(user === undefined ? {} : { username: user, password }),
    }).href;
  await installPostgres({ module: vuln, url: at(), passwords });
  const appUrl = at("vuln_app", passwords.app);
  const replicatorUrl = at("stella_replicator", passwords.replicator);
  const [app, replicator] = [appUrl, replicatorUrl].map((url) =>
    openPostgres({ url, max: connections, statementTimeoutMs: 0 }),
  ) as [Postgres, Postgres];
  const ofTenant = ` -c app.tenant_id=${tenant}`;
  const plain = {
    app: pool(appUrl),
    session: pool(appUrl, ofTenant),
    bypass: pool(replicatorUrl, ofTenant),
  };
  const admin = new pg.Client({ connectionString: at() });
  await admin.connect();
  const mongo = openMongo({ url: servers.mongo.url, database: name, max: connections });
  await installMongo({ module: vuln, db: mongo.db });
  const onPostgres = await openVuln({ postgres: app, stage: "postgres" });
  const onMongo = await openVuln({ mongo, stage: "mongo" });
  return {
    app,
    replicator,
    plain,
    mongo,
    urls: { postgres: at(), mongo: servers.mongo.url },
    onPostgres,
    onMongo,
    sql: async (text, values = []) => (await admin.query(text, [...values])).rows,
    async [Symbol.asyncDispose]() {
      await Promise.all([onPostgres.close(), onMongo.close()]);
      await mongo.db.dropDatabase();
      await Promise.all([
        app.close(),
        replicator.close(),
        plain.app.end(),
        plain.session.end(),
        plain.bypass.end(),
        mongo.close(),
        admin.end(),
      ]);
      await maintenance.query(`drop database ${name} with (force)`);
      await maintenance.end();
    },
  };
}

/** A connection that the server ends is told by the next statement; without a listener it would end the bench. */
const pool = (connectionString: string, settings = ""): pg.Pool =>
  new pg.Pool({ connectionString, max: connections, options: `-c timezone=UTC${settings}` }).on("error", () => {});
