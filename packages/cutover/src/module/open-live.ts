import { verifyMongo } from "@stellaops/migrator";
import type { Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { liveStage } from "../live-stage.ts";
import { mongoSchema } from "../mongo/install.ts";
import { checkMongo } from "../mongo/open.ts";
import { mongoBackend } from "../mongo/backend.ts";
import { mongoReplica } from "../mongo/replica.ts";
import { mongoSide } from "../mongo/side.ts";
import { recover } from "../move.ts";
import { noFaults } from "../faults.ts";
import { postgresSchema } from "../postgres/install.ts";
import { checkPostgres } from "../postgres/open.ts";
import { startMigrations } from "../postgres/start.ts";
import { postgresBackend } from "../postgres/backend.ts";
import { postgresReplica } from "../postgres/replica.ts";
import { postgresSide } from "../postgres/side.ts";
import { Applier } from "../replication/applier.ts";
import { drainedOf } from "../replication/drained.ts";
import { startReplicator } from "../replication/replicator.ts";
import { Closing } from "./closing.ts";
import { loggerOf, newInstance, type OpenModule, type OpenOptions } from "./open.ts";
import { liveRunner } from "./runner.ts";
import { scopesOf } from "./scope.ts";
import { Shadow } from "./shadow.ts";
import type { ModuleWiring } from "./wiring.ts";

interface LiveModuleOptions extends OpenOptions {
  readonly postgres: Postgres;
  readonly mongo: Mongo;
}

/** A module that follows its stage record: fenced units, replication, recovery of interrupted changes. */
export async function openLive<R>(wiring: ModuleWiring<R>, options: LiveModuleOptions): Promise<OpenModule<R>> {
  const closing = new Closing();
  try {
    return await openParts(wiring, options, closing);
  } catch (error) {
    await closing.close();
    throw error;
  }
}

async function openParts<R>(
  wiring: ModuleWiring<R>,
  options: LiveModuleOptions,
  closing: Closing,
): Promise<OpenModule<R>> {
  const { postgres, mongo, instance = newInstance(), checks = true, seams = {} } = options;
  const logger = loggerOf(options);
  const module = wiring.name;
  if (checks) {
    const background = await startMigrations([postgresSchema, wiring], postgres, logger);
    closing.add(() => background.stop());
    await Promise.all([checkPostgres(wiring, postgres), checkMongo(wiring, mongo), verifyMongo(mongo.db, mongoSchema)]);
  }
  const [onPostgres, onMongo] = await Promise.all([wiring.postgres(), wiring.mongo()]);

  // Connections of its own: a service whose pool is busy must still renew its lease and see its stage.
  const control = openPostgres({ url: postgres.url, max: 4, applicationName: `stella-data ${module} control`, logger });
  closing.add(() => control.close());
  const { faults = noFaults } = seams;
  const sides = through(seams.sides, {
    postgres: postgresSide(control.pool, module),
    mongo: mongoSide(mongo.db, module),
  });
  const replicas = through(seams.replicas, {
    postgres: postgresReplica(control.pool, wiring),
    mongo: mongoReplica(mongo, wiring),
  });
  const drained = drainedOf(replicas);
  const stage = through(
    seams.stage,
    await liveStage({
      module,
      sides,
      instance,
      logger,
      recover: (signal) => recover({ sides, by: `service ${instance}`, drained, faults, logger, signal }),
    }),
  );
  closing.add(() => stage.close());
  const replicator = startReplicator({ module: wiring, replicas, stage, logger });
  closing.add(() => replicator.close());
  const applier = new Applier({ module: wiring, replicas, stage, logger });
  closing.add(() => applier.close());
  const shadow = new Shadow({ logger });
  closing.add(() => shadow.close());
  const runner = liveRunner({
    module,
    stage,
    backends: through(seams.backends, {
      postgres: postgresBackend(postgres, module, onPostgres.repositories as never),
      mongo: mongoBackend(mongo, module, onMongo.repositories as never),
    }),
    handOff: (_view, keys) => applier.hand(keys),
    shadow: (view, ask, answer) => shadow.sample(view, ask, answer),
  });
  return { ...scopesOf<R>(wiring.verbs, runner), close: () => closing.close() };
}

const through = <T>(seam: ((part: T) => T) | undefined, part: T): T => (seam === undefined ? part : seam(part));
