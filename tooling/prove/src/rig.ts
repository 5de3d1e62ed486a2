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
  type OpenOptions,
  type Seams,
  type Stage,
  type StageView,
  type StageWord,
} from "@stellaops/cutover";
import { tenantId, type ModuleDefinition } from "@stellaops/kernel";
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

/** A module, and how a service opens it. */
export interface Subject<M> {
  readonly module: ModuleDefinition;
  readonly open: (options: OpenOptions) => Promise<M>;
}

interface Closable {
  close(): Promise<void>;
}

export interface Opened<M = Vuln> extends AsyncDisposable {
  readonly module: M;
  readonly postgres: Postgres;
  readonly mongo: Mongo;
}

export interface OpenSettings {
  readonly seams?: Seams;
  /** Other places than the rig's, as behind a proxy. */
  readonly urls?: Partial<Pick<Urls, "app" | "mongo">>;
  readonly connections?: number;
  /** `record` when left out. */
  readonly stage?: StageWord;
}

/** A module on both servers, in databases of its own, and an operator who moves it. */
export interface Rig<M = Vuln> extends Places, AsyncDisposable {
  readonly urls: Urls;
  readonly database: string;
  /** With the role that sees all tenants. */
  readonly postgres: Postgres;
  readonly mongo: Mongo;
  /** A service in this process, with connections of its own. */
  open(settings?: OpenSettings): Promise<Opened<M>>;
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

/** By server and module: a database with the module installed, which each rig's is cloned from. */
const templates = new Map<string, Promise<string>>();
const templateOf = ({ postgres: { url } }: Servers, module: ModuleDefinition): Promise<string> => {
  const key = `${module.name} ${url}`;
  const found = templates.get(key) ?? installed(url, module);
  templates.set(key, found);
  return found;
};

async function installed(url: string, module: ModuleDefinition): Promise<string> {
  const name = `stella_prove_${process.pid}_template_${module.name}`;
  await using maintenance = await clientOf(url);
  await maintenance.query(`create database ${name}`);
  await installPostgres({ module, url: Object.assign(new URL(url), { pathname: `/${name}` }).href, passwords });
  return name;
}

/** What rigs were made from, on a server that may outlive this process. */
export async function dropTemplates({ postgres: { url } }: Servers): Promise<void> {
  const own = [...templates].filter(([key]) => key.endsWith(` ${url}`));
  if (own.length === 0) return;
  await using maintenance = await clientOf(url);
  for (const [, template] of own) await maintenance.query(`drop database ${await template} with (force)`);
}

type Start = "mongo" | "postgres" | null;

/** The vuln module. `stage`: where its record begins; null for no record. */
export const rigOf = (servers: Servers, stage: Start = "mongo"): Promise<Rig> =>
  moduleRig(servers, { module: vuln, open: openVuln }, stage);

export async function moduleRig<M extends Closable>(
  servers: Servers,
  { module, open }: Subject<M>,
  stage: Start,
): Promise<Rig<M>> {
  const database = `stella_prove_${process.pid}_${(made += 1)}`;
  const maintenance = await clientOf(servers.postgres.url);
  await maintenance.query(`create database ${database} template ${await templateOf(servers, module)}`);
  const at = (user?: string, password?: string): string =>
    Object.assign(new URL(servers.postgres.url), {
      pathname: `/${database}`,
      ...(user === undefined ? {} : { username: user, password }),
    }).href;
  const mongoUrl = new URL(servers.mongo.url);
  mongoUrl.pathname = `/${database}`;
  const urls: Urls = {
    app: at(`${module.name}_app`, passwords.app),
    replicator: at("stella_replicator", passwords.replicator),
    superuser: at(),
    mongo: mongoUrl.href,
  };
  const admin = await clientOf(urls.superuser);
  const postgres = openPostgres({ url: urls.replicator, max: 8, applicationName: "prove" });
  const mongo = openMongo({ url: urls.mongo, database });
  await installMongo({ module, db: mongo.db });
  await endDeadUnitsSoon(servers, mongo);
  const places = placesOf(module, postgres, mongo);
  const { sides, replicas } = places;
  if (stage !== null) await initialise({ sides, module: module.name, stage, by: "prove", reason: "begin" });

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
  const fill = () => backfill({ module, ...places, view });
  return {
    urls,
    database,
    postgres,
    mongo,
    ...places,
    view,
    step,
    backfill: fill,
    async open({ seams, urls: other = {}, connections = 8, stage: word = "record" } = {}) {
      const app = openPostgres({ url: other.app ?? urls.app, max: connections, applicationName: "prove-service" });
      const documents = openMongo({ url: other.mongo ?? urls.mongo, database, max: connections + 4 });
      const opened = await open({
        postgres: app,
        mongo: documents,
        stage: word,
        ...(seams === undefined ? {} : { seams }),
      });
      return {
        module: opened,
        postgres: app,
        mongo: documents,
        async [Symbol.asyncDispose]() {
          await opened.close();
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
    compare: async () => compareModule({ module, postgres: postgres.pool, mongo: mongo.db, view: await view() }),
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
