import {
  backfill,
  changeStage,
  compareModule,
  drainedOf,
  guardOf,
  initialise,
  installMongo,
  mongoReplica,
  mongoShadow,
  mongoSide,
  postgresReplica,
  postgresShadow,
  postgresSide,
  progressOf,
  showStage,
  viewOf,
  type Comparison,
  type Stage,
  type StageView,
} from "@stellaops/cutover";
import { openModule, type ModuleWiring, type OpenModule } from "@stellaops/cutover/open";
import { openMongo } from "@stellaops/mongo";
import { openPostgres } from "@stellaops/postgres";
import { mongoDatabase } from "../../mongo-database.ts";
import { loginRole } from "../../roles.ts";
import { roleUrl } from "../../urls.ts";
import { modulePostgres } from "../postgres-rig.ts";

/** Both databases with a module installed, and what moves it from one to the other. */
export async function crossingRig<R>(wiring: ModuleWiring<R>) {
  const { name } = wiring;
  const database = await modulePostgres(wiring);
  const documents = await mongoDatabase();
  const app = await loginRole(`${name}_crossing_service`, { memberOf: [`${name}_app`] });
  const all = await loginRole(`${name}_crossing_copier`, { memberOf: ["stella_replicator"], bypassRls: true });
  const urls = { postgres: roleUrl(database.url, app.name, app.password), mongo: documents.url };
  const postgres = openPostgres({ url: urls.postgres, max: 6 });
  const copier = openPostgres({ url: roleUrl(database.url, all.name, all.password), max: 4 });
  const mongo = openMongo({ url: urls.mongo });
  await installMongo({ module: wiring, db: mongo.db });
  const sides = { postgres: postgresSide(copier.pool, name), mongo: mongoSide(mongo.db, name) };
  const replicas = { postgres: postgresReplica(copier.pool, wiring), mongo: mongoReplica(mongo, wiring) };
  const progress = progressOf(copier.pool, name);
  const view = async (): Promise<StageView> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`no stage: ${situation.kind}`);
  };
  const compare = async (): Promise<Comparison> =>
    compareModule({ module: wiring, postgres: copier.pool, mongo: mongo.db, view: await view() });
  const guard = guardOf({
    module: name,
    replicas,
    progress,
    mongo: mongo.db,
    shadows: { postgres: postgresShadow(copier.pool, name), mongo: mongoShadow(mongo.db) },
    // How many are sampled is the machine's to say; that none differs is not.
    minShadowReads: 0,
    compare,
    migrations: () => Promise.resolve(),
    confirm: () => Promise.resolve(true),
    patienceMs: 30_000,
  });
  const opened: OpenModule<R>[] = [];
  return {
    urls,
    /** With the role that sees all tenants. */
    copies: replicas,
    compare,
    view,
    begin: () => initialise({ sides, module: name, stage: "mongo", by: "test", reason: "begin" }),
    async open(): Promise<OpenModule<R>> {
      const module = await openModule(wiring, { postgres, mongo, stage: "record" });
      opened.push(module);
      return module;
    },
    backfill: () => backfill({ module: wiring, replicas, sides, progress, view, batch: 100 }),
    pending: async () => (await replicas.postgres.backlog()).pending,
    advance: (target: Stage) =>
      changeStage({ sides, target, guard, by: "test", reason: `to ${target}`, drained: drainedOf(replicas) }),
    async [Symbol.asyncDispose]() {
      for (const module of opened) await module.close();
      await Promise.all([postgres.close(), copier.close(), mongo.close()]);
      await database.expectNoLeaks();
      await documents.expectNoLeaks();
      await database.drop();
      await documents.drop();
    },
  };
}
