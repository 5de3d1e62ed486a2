import { installMongo, installPostgres, type OpenOptions } from "@stellaops/cutover";
import type { ModuleDefinition } from "@stellaops/kernel";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { connections, passwords, type Rig } from "./rig.ts";

interface Subject<M> {
  readonly module: ModuleDefinition;
  readonly open: (options: OpenOptions) => Promise<M>;
}

/** Another module on both servers of a rig, as a service opens it. */
export interface Beside<M> extends AsyncDisposable {
  /** The role of a service. */
  readonly app: Postgres;
  readonly mongo: Mongo;
  readonly onPostgres: M;
  readonly onMongo: M;
}

export async function beside<M extends { close(): Promise<void> }>(
  rig: Rig,
  { module, open }: Subject<M>,
): Promise<Beside<M>> {
  await installPostgres({ module, url: rig.urls.postgres, passwords });
  const login = { username: `${module.name}_app`, password: passwords.app };
  const app = openPostgres({ url: Object.assign(new URL(rig.urls.postgres), login).href, max: connections });
  const database = `${rig.mongo.db.databaseName}_${module.name}`;
  const mongo = openMongo({ url: rig.urls.mongo, database, max: connections });
  await installMongo({ module, db: mongo.db });
  const onPostgres = await open({ postgres: app, stage: "postgres" });
  const onMongo = await open({ mongo, stage: "mongo" });
  return {
    app,
    mongo,
    onPostgres,
    onMongo,
    async [Symbol.asyncDispose]() {
      await Promise.all([onPostgres.close(), onMongo.close()]);
      await mongo.db.dropDatabase();
      await Promise.all([app.close(), mongo.close()]);
    },
  };
}
