import type { Logger } from "@stellaops/kernel";
import { verifyMongo } from "@stellaops/migrator";
import { raised, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { startCapture } from "../capture/capture.ts";
import { drainedWithCapture } from "../capture/drained.ts";
import { liveStage } from "../live-stage.ts";
import { mongoSchema } from "../mongo/install.ts";
import { checkMongo } from "../mongo/open.ts";
import { mongoBackend } from "../mongo/backend.ts";
import { mongoReplica } from "../mongo/replica.ts";
import { mongoShadow } from "../mongo/shadow.ts";
import { mongoSide } from "../mongo/side.ts";
import { recover } from "../move.ts";
import { noFaults } from "../faults.ts";
import { postgresSchema } from "../postgres/install.ts";
import { checkPostgres } from "../postgres/open.ts";
import { startMigrations } from "../postgres/start.ts";
import { postgresBackend } from "../postgres/backend.ts";
import { postgresReplica } from "../postgres/replica.ts";
import { postgresShadow } from "../postgres/shadow.ts";
import { postgresSide } from "../postgres/side.ts";
import { drainedOf } from "../replication/drained.ts";
import { observedReplicas } from "../observe/applies.ts";
import { startGauges } from "../observe/gauges.ts";
import { telemetryOf } from "../observe/telemetry.ts";
import { checkBoth, checkedLater, type Checks } from "./live-checks.ts";
import { classesOf } from "./backend.ts";
import { Closing } from "./closing.ts";
import { loggerOf, newInstance, type OpenModule, type OpenOptions } from "./open.ts";
import { liveRunner } from "./live-runner.ts";
import { releasing } from "./releasing.ts";
import { scopesOf } from "./scope.ts";
import { startWorkers } from "./live-workers.ts";
import { shadowOf } from "./shadow-of.ts";
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
  const [onPostgres, onMongo] = await Promise.all([wiring.postgres(), wiring.mongo()]);

  // Connections of its own: a service whose pool is busy must still renew its lease and see its stage.
  const applicationName = `stella-data ${module} control`;
  const control = openPostgres({ url: postgres.url, max: 4, applicationName, answerMs: 15_000, logger });
  closing.add(() => control.close());
  const { faults = noFaults } = seams;
  const sides = through(seams.sides, {
    postgres: postgresSide(control.pool, module),
    mongo: mongoSide(mongo.db, module),
  });
  const startUp = startUpChecks(wiring, { postgres, mongo }, logger, closing);
  const left = checks ? await checkBoth(startUp, sides, logger) : null;
  const replicas = observedReplicas(
    module,
    through(seams.replicas, { postgres: postgresReplica(control.pool, wiring), mongo: mongoReplica(mongo, wiring) }),
  );
  const drained = drainedWithCapture(drainedOf(replicas), mongo.db);
  const stage = through(
    seams.stage,
    await liveStage({
      module,
      sides,
      instance,
      faults,
      logger,
      recover: (signal) => recover({ sides, by: `service ${instance}`, drained, faults, logger, signal }),
    }),
  );
  closing.add(() => stage.close());
  const onFailure = releasing(sides, stage, logger);
  const parts = { module: wiring, sides, replicas, stage, instance, pool: control.pool, onFailure, faults, logger };
  const workers = startWorkers(parts, closing);
  const capture = startCapture({ ...parts, mongo });
  closing.add(() => capture.close());
  const shadow = shadowOf({
    ...parts,
    tables: { postgres: postgresShadow(control.pool, module), mongo: mongoShadow(mongo.db) },
    budget: options.shadow,
  });
  closing.add(() => shadow.close());
  closing.add(startGauges({ ...parts, ...workers, shadow: shadow.ledger }));
  const later = checkedLater(
    through(seams.backends, {
      postgres: postgresBackend(postgres, module, classesOf(onPostgres)),
      mongo: mongoBackend(mongo, module, classesOf(onMongo)),
    }),
    left,
    startUp,
  );
  closing.add(() => later.close());
  const runner = liveRunner({
    module,
    stage,
    backends: later.backends,
    handOff: (keys) => workers.applier.hand(keys),
    applied: async (keys, deadlineMs) => outcomeOf[await workers.applier.applied(keys, deadlineMs)],
    shadow: (view, ask, answer) => shadow.sample(view, ask, answer),
    failed: onFailure,
    awaits: options,
    unitCapMs: options.unitCapMs,
    faults,
    observer: telemetryOf(module),
  });
  return { ...scopesOf(wiring, runner), close: () => closing.close() };
}

/** Roles, policies, indexes, migrations and clocks. */
const startUpChecks = <R>(
  wiring: ModuleWiring<R>,
  { postgres, mongo }: Pick<LiveModuleOptions, "postgres" | "mongo">,
  logger: Logger,
  closing: Closing,
): Checks => ({
  async postgres() {
    const background = await startMigrations([postgresSchema, wiring], postgres, logger);
    try {
      await checkPostgres(wiring, postgres);
    } catch (error) {
      // A database that comes late is checked again and again: only the last of these goes on.
      await background.stop();
      throw error;
    }
    closing.add(() => background.stop());
  },
  async mongo() {
    // A client whose first connection failed stays closed until it is told to connect again.
    await mongo.client.connect().catch(raised);
    await checkMongo(wiring, mongo);
    await verifyMongo(mongo.db, mongoSchema);
  },
});

const outcomeOf = { applied: "applied", parked: "refused", pending: "late" } as const;

const through = <T>(seam: ((part: T) => T) | undefined, part: T): T => (seam === undefined ? part : seam(part));
