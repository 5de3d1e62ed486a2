import {
  backfill,
  changeStage,
  compareModule,
  drainedOf,
  initialise,
  installMongo,
  installPostgres,
  showStage,
  stepTowards,
  viewOf,
  type Comparison,
  type Seams,
  type Stage,
  type StageView,
} from "@stellaops/cutover";
import { tenantId } from "@stellaops/kernel";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import type { Servers } from "@stellaops/servers";
import { openVuln, vuln, type Vuln } from "@stellaops/vuln";
import pg from "pg";
import { placesOf, type Places } from "./places.ts";

/** Passwords of logins that live as long as the experiment. */
const passwords = { app: "prove-app-login", replicator: "prove-replicator-login" };
export const acme = tenantId("acme");

export interface Urls {
  /** As a service logs in. */
  readonly app: string;
  /** Sees all tenants. */
  readonly replicator: string;
  readonly superuser: string;
  readonly mongo: string;
}

export interface Opened extends AsyncDisposable {
  readonly module: Vuln;
  readonly postgres: Postgres;
  readonly mongo: Mongo;
}

export interface OpenSettings {
  readonly seams?: Seams;
  /** Other places than the rig's, as behind a proxy. */
  readonly urls?: Partial<Pick<Urls, "app" | "mongo">>;
  readonly connections?: number;
}

/** The vuln module on both servers, in databases of its own, and an operator who moves it. */
export interface Rig extends Places, AsyncDisposable {
  readonly urls: Urls;
  readonly database: string;
  /** With the role that sees all tenants. */
  readonly postgres: Postgres;
  readonly mongo: Mongo;
  /** A live service in this process, with connections of its own. */
  open(settings?: OpenSettings): Promise<Opened>;
  view(): Promise<StageView>;
  /** One step. No guard: an experiment makes its own claims. */
  step(to: Stage, seams?: Seams): Promise<StageView>;
  /** Step by step, with a backfill wherever replication began; a replicator must be running somewhere. */
  goTo(stage: Stage): Promise<StageView>;
  backfill(): ReturnType<typeof backfill>;
  compare(): Promise<Comparison>;
  sql(text: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

let made = 0;

/** By server: a database with the module installed, which each rig's is cloned from. */
const templates = new Map<string, Promise<string>>();
const templateOf = ({ postgres: { url } }: Servers): Promise<string> => {
  const found = templates.get(url) ?? installed(url);
  templates.set(url, found);
  return found;
};

async function installed(url: string): Promise<string> {
  const name = `stella_prove_${process.pid}_template`;
  await using maintenance = await clientOf(url);
  await maintenance.query(`create database ${name}`);
  await installPostgres({ module: vuln, url: Object.assign(new URL(url), { pathname: `/${name}` }).href, passwords });
  return name;
}

/** What rigs were made from, on a server that may outlive this process. */
export async function dropTemplates({ postgres: { url } }: Servers): Promise<void> {
  const template = await templates.get(url);
  if (template === undefined) return;
  await using maintenance = await clientOf(url);
  await maintenance.query(`drop database ${template} with (force)`);
}

/** `stage`: where the module's record begins; null for no record. */
export async function rigOf(servers: Servers, stage: "mongo" | "postgres" | null = "mongo"): Promise<Rig> {
  const database = `stella_prove_${process.pid}_${(made += 1)}`;
  const maintenance = await clientOf(servers.postgres.url);
  await maintenance.query(`create database ${database} template ${await templateOf(servers)}`);
  const at = (user?: string, password?: string): string =>
    Object.assign(new URL(servers.postgres.url), {
      pathname: `/${database}`,
      ...(user === undefined ? {} : { username: user, password }),
    }).href;
  const mongoUrl = new URL(servers.mongo.url);
  mongoUrl.pathname = `/${database}`;
  const urls: Urls = {
    app: at("vuln_app", passwords.app),
    replicator: at("stella_replicator", passwords.replicator),
    superuser: at(),
    mongo: mongoUrl.href,
  };
  const admin = await clientOf(urls.superuser);
  const postgres = openPostgres({ url: urls.replicator, max: 8, applicationName: "prove" });
  const mongo = openMongo({ url: urls.mongo, database });
  await installMongo({ module: vuln, db: mongo.db });
  await endDeadUnitsSoon(servers, mongo);
  const places = placesOf(postgres, mongo);
  const { sides, replicas } = places;
  if (stage !== null) await initialise({ sides, module: vuln.name, stage, by: "prove", reason: "begin" });

  const view = async (): Promise<StageView> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`the module has no stage: ${situation.kind}`);
  };
  const step = (target: Stage, seams: Seams = {}): Promise<StageView> =>
    changeStage({
      sides: seams.sides?.(sides) ?? sides,
      target,
      by: "prove",
      reason: "on the way",
      drained: drainedOf(replicas),
      ...(seams.faults === undefined ? {} : { faults: seams.faults }),
    });
  const fill = () => backfill({ module: vuln, ...places, view });
  return {
    urls,
    database,
    postgres,
    mongo,
    ...places,
    view,
    step,
    backfill: fill,
    async open({ seams, urls: other = {}, connections = 8 } = {}) {
      const app = openPostgres({ url: other.app ?? urls.app, max: connections, applicationName: "prove-service" });
      const documents = openMongo({ url: other.mongo ?? urls.mongo, database, max: connections + 4 });
      const module = await openVuln({
        postgres: app,
        mongo: documents,
        stage: "record",
        ...(seams === undefined ? {} : { seams }),
      });
      return {
        module,
        postgres: app,
        mongo: documents,
        async [Symbol.asyncDispose]() {
          await module.close();
          await Promise.all([app.close(), documents.close()]);
        },
      };
    },
    async goTo(target) {
      for (;;) {
        const now = await view();
        const next = stepTowards(now.stage, target);
        if (next === null) return now;
        const after = await step(next);
        if (after.secondary !== null && after.generation !== now.generation) await fill();
      }
    },
    compare: async () => compareModule({ module: vuln, postgres: postgres.pool, mongo: mongo.db, view: await view() }),
    sql: async (text, values = []) => (await admin.query(text, [...values])).rows,
    async [Symbol.asyncDispose]() {
      await mongo.db.dropDatabase();
      await Promise.all([postgres.close(), mongo.close(), admin.end()]);
      await maintenance.query(`drop database ${database} with (force)`);
      await maintenance.end();
    },
  };
}

/** What breaks it is told by the next query; without a listener it would end this process. */
async function clientOf(connectionString: string): Promise<pg.Client & AsyncDisposable> {
  const client = new pg.Client({ connectionString }).on("error", () => {});
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}

/**
 * MongoDB does not notice that the client of a transaction is dead, and keeps its locks for a minute. Units take milliseconds, so a server of
 * our own may give up sooner; one that was named by its URL is left as it is.
 */
async function endDeadUnitsSoon({ mongo: { source } }: Servers, { client }: Mongo): Promise<void> {
  if (source === "MONGODB_URL") return;
  await client.db("admin").command({ setParameter: 1, transactionLifetimeLimitSeconds: 3 });
}
