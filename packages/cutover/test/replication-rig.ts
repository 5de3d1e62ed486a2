import { retryTransient, tenantId, type ModuleDefinition, type Register, type TenantId } from "@stellaops/kernel";
import { openMongo, transaction as mongoTransaction, type Mongo } from "@stellaops/mongo";
import { openPostgres, transaction as postgresTransaction, type Postgres } from "@stellaops/postgres";
import { loginRole, mongoDatabase, postgresDatabase, roleUrl } from "@stellaops/testkit";
import type { Advisory, MergeEvent } from "../../vuln/src/aggregates.ts";
import { generateOsv } from "../../vuln/src/domain/generate.ts";
import { mapOsv } from "../../vuln/src/domain/osv.ts";
import { vuln } from "../../vuln/src/module.ts";
import { wiring as ofVuln, type VulnRepositories } from "../../vuln/src/wiring.ts";
import type { ModuleWiring } from "../src/module/wiring.ts";
import {
  backfill,
  changeStage,
  compareModule,
  drainedOf,
  fixedStage,
  initialise,
  installMongo,
  installPostgres,
  mongoReplica,
  mongoSide,
  postgresReplica,
  postgresSide,
  progressOf,
  showStage,
  stepTowards,
  startReplicator,
  viewOf,
  type BackfillOptions,
  type Comparison,
  type Database,
  type Progress,
  type Replicas,
  type Sides,
  type Stage,
  type StageView,
} from "../src/index.ts";

export { vuln } from "../../vuln/src/module.ts";
export const acme = tenantId("acme");
const at = new Date("2026-01-02T03:04:05.678Z");
let made = 0;
/** Ids in their order. */
export const nextId = (): string => `01900000-0000-7000-8000-${String((made += 1)).padStart(12, "0")}`;

type Work<R, T> = (repositories: R) => Promise<T>;

export interface ReplicationRig<R = VulnRepositories> extends AsyncDisposable {
  readonly urls: { readonly service: string; readonly copier: string; readonly mongo: string };
  /** As a service logs in. */
  readonly service: Postgres;
  /** Sees all tenants. */
  readonly copier: Postgres;
  readonly mongo: Mongo;
  readonly sides: Sides;
  /** With the role of a service. */
  readonly replicas: Replicas;
  /** With the role that sees all tenants. */
  readonly copies: Replicas;
  readonly progress: Progress;
  /** One unit of work as under a live stage, without the fence. */
  write<T>(database: Database, work: Work<R, T>, options?: WriteOptions): Promise<T>;
  view(): Promise<StageView>;
  /** Applies what is pending at the primary, as a replicator does. */
  drain(): Promise<void>;
  /** Step by step, draining on the way; `initialise` first where there is no record. */
  goTo(stage: Stage): Promise<StageView>;
  /** With the role that sees all tenants. */
  backfill(options?: Partial<BackfillOptions>): ReturnType<typeof backfill>;
  compare(): Promise<Comparison>;
}

export interface WriteOptions extends Partial<Pick<Register, "generation" | "pending" | "touched">> {
  readonly tenant?: TenantId;
}

/** The vuln module on both databases, empty. */
export const replicationRig = (): Promise<ReplicationRig> => replicationRigOf(ofVuln);

export async function replicationRigOf<R>(module: ModuleWiring<R>): Promise<ReplicationRig<R>> {
  const { name } = module;
  const database = await postgresDatabase({
    template: name,
    prepare: (url) => installPostgres({ module, url }),
  });
  const documents = await mongoDatabase();
  const app = await loginRole(`${name}_replication_service`, { memberOf: [`${name}_app`] });
  const all = await loginRole(`${name}_replication_copier`, { memberOf: ["stella_replicator"], bypassRls: true });
  const urls = {
    service: roleUrl(database.url, app.name, app.password),
    copier: roleUrl(database.url, all.name, all.password),
    mongo: documents.url,
  };
  const parts = connect(urls, module);
  const [onPostgres, onMongo] = [await module.postgres(), await module.mongo()];
  const { service, copier, mongo, sides, copies, progress } = parts;
  await installMongo({ module, db: mongo.db });
  const view = async (): Promise<StageView> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`no stage: ${situation.kind}`);
  };
  const drain = async (): Promise<void> => {
    const now = await view();
    const stage = { ...fixedStage(now.stage), workView: () => (now.secondary === null ? null : now) };
    const replicator = startReplicator({ module, replicas: copies, stage, pollMs: 60_000 });
    await replicator.drain();
    await replicator.close();
  };
  return {
    ...parts,
    urls,
    view,
    drain,
    async write(to, work, { tenant = acme, generation = 1n, pending = true, touched = () => {} } = {}) {
      const register = { module: name, generation, pending, touched };
      return retryTransient(() =>
        to === "postgres"
          ? postgresTransaction(service.pool, { tenant, register }, (unit) => work(bind(onPostgres.repositories, unit)))
          : mongoTransaction(mongo, { tenant, register }, (unit) => work(bind(onMongo.repositories, unit))),
      );
    },
    async goTo(stage) {
      if ((await showStage(sides)).situation.kind === "none")
        await initialise({ sides, module: name, stage: "mongo", by: "test", reason: "begin" });
      for (;;) {
        await drain();
        const now = await view();
        const target = stepTowards(now.stage, stage);
        if (target === null) return now;
        await changeStage({ sides, target, by: "test", reason: "on the way", drained: drainedOf(copies) });
      }
    },
    backfill: (options) => backfill({ module, replicas: copies, sides, progress, view, ...options }),
    compare: async () =>
      compareModule({ module, postgres: copier.pool, mongo: mongo.db, view: await view(), settleMs: 0 }),
    async [Symbol.asyncDispose]() {
      await Promise.all([service.close(), copier.close(), mongo.close()]);
      await database.expectNoLeaks();
      await documents.expectNoLeaks();
      await database.drop();
      await documents.drop();
    },
  };
}

export function connect(urls: ReplicationRig["urls"], module: ModuleDefinition = vuln) {
  const service = openPostgres({ url: urls.service, max: 8 });
  const copier = openPostgres({ url: urls.copier, max: 6 });
  const mongo = openMongo({ url: urls.mongo });
  return {
    service,
    copier,
    mongo,
    sides: { postgres: postgresSide(copier.pool, module.name), mongo: mongoSide(mongo.db, module.name) },
    replicas: { postgres: postgresReplica(service.pool, module), mongo: mongoReplica(mongo, module) },
    copies: { postgres: postgresReplica(copier.pool, module), mongo: mongoReplica(mongo, module) },
    progress: progressOf(copier.pool, module.name),
  };
}

const bind = <R, U>(classes: { readonly [K in keyof R]: new (unit: U) => R[K] }, unit: U): R =>
  Object.fromEntries(
    Object.entries<new (unit: U) => R[keyof R]>(classes).map(([name, Repository]) => [name, new Repository(unit)]),
  ) as R;

/** As a feed has them, with children of all kinds, in the order of their ids. */
export const advisoriesOf = (count: number, seed = 1): Advisory[] =>
  [...generateOsv({ count, seed })].map((record) => ({
    ...mapOsv(record),
    id: nextId(),
    sourceId: "01900000-0000-7000-8000-000000000001",
    createdAt: at,
    updatedAt: at,
  }));

let keys = 0;
export function advisoryOf(over: Partial<Advisory> = {}): Advisory {
  const [one] = advisoriesOf(1, (keys += 1));
  if (one === undefined) throw new Error("no record was generated");
  return { ...one, advisoryKey: `STELLA-${keys}`, ...over };
}

const stamps = { createdAt: at, updatedAt: at };
export const mergeEventOf = (id: string): MergeEvent => ({
  id,
  advisoryKey: "X",
  beforeHash: null,
  afterHash: "1",
  inputs: [],
  mergedAt: at,
  ...stamps,
});
