import {
  backfill,
  changeStage,
  collectionsOf,
  compareModule,
  drainedOf,
  guardOf,
  initialise,
  mongoReplica,
  mongoShadow,
  mongoSchema,
  mongoSide,
  postgresReplica,
  postgresShadow,
  postgresSchema,
  postgresSide,
  progressOf,
  showStage,
  viewOf,
  type BackfillProgress,
  type Comparison,
  type Stage,
  type StageView,
} from "@stellaops/cutover";
import { codeOf, familyOf, refused } from "@stellaops/kernel";
import { createMigrator, verifyMongo } from "@stellaops/migrator";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import { vuln } from "@stellaops/vuln";

export interface Switch {
  readonly from: Stage;
  readonly to: Stage;
  /** From the intention to the moment at which the new stage is settled; what the guard takes before it holds up nobody. */
  readonly ms: number;
}

/** What an operator does from the command line, as calls: the same functions that `stella-data` uses. */
export interface Operator {
  begin(): Promise<void>;
  /** Repeated while it is only busy, or was reverted because the machine was too slow for its deadlines. */
  advance(to: Stage): Promise<Switch>;
  backfill(onProgress: (progress: BackfillProgress) => void): ReturnType<typeof backfill>;
  /** Both databases, whole; the guards of a move of the primary do the same. */
  compare(): Promise<void>;
}

/** How long a step is tried; a unit that a killed process left open holds the door for up to a minute. */
const patienceMs = 90_000;

export function operatorOf(postgres: Postgres, mongo: Mongo, onCompared: (comparison: Comparison) => void): Operator {
  const sides = { postgres: postgresSide(postgres.pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) };
  const replicas = { postgres: postgresReplica(postgres.pool, vuln), mongo: mongoReplica(mongo, vuln) };
  const shadows = { postgres: postgresShadow(postgres.pool, vuln.name), mongo: mongoShadow(mongo.db) };
  const progress = progressOf(postgres.pool, vuln.name);
  const view = async (): Promise<StageView> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`the module has no stage: ${situation.kind}`);
  };
  const compare = async (): Promise<Comparison> => {
    const comparison = await compareModule({
      module: vuln,
      postgres: postgres.pool,
      mongo: mongo.db,
      view: await view(),
    });
    onCompared(comparison);
    return comparison;
  };
  const guard = guardOf({
    module: vuln.name,
    replicas,
    progress,
    mongo: mongo.db,
    shadows,
    // A machine that is busy samples nothing; none may differ all the same.
    minShadowReads: 0,
    compare,
    migrations: () => migrationsClean(postgres, mongo),
    confirm: () => Promise.resolve(true),
    patienceMs: 30_000,
  });
  return {
    compare: async () => void (await compare()),
    async begin() {
      await initialise({ sides, module: vuln.name, stage: "mongo", by: "demo", reason: "the data is in MongoDB" });
    },
    async advance(to) {
      const { stage: from } = await view();
      const deadline = performance.now() + patienceMs;
      let begun: number | undefined;
      for (;;)
        try {
          await changeStage({
            sides,
            target: to,
            by: "demo",
            reason: `demo: ${from} to ${to}`,
            drained: drainedOf(replicas),
            guard: async (at, target) => {
              const evidence = await guard(at, target);
              begun ??= performance.now();
              return evidence;
            },
          });
          return { from, to, ms: Math.round(performance.now() - (begun ?? performance.now())) };
        } catch (error) {
          const again = familyOf(error) === "transient" || codeOf(error) === "STAGE_REVERTED";
          if (!again || performance.now() > deadline) throw error;
        }
    },
    backfill: (onProgress) => backfill({ module: vuln, replicas, sides, progress, view, onProgress }),
  };
}

async function migrationsClean({ url }: Postgres, { db }: Mongo): Promise<void> {
  for (const module of [postgresSchema, vuln]) {
    const { clean } = await createMigrator({ module, url }).verify();
    if (!clean) throw refused("MIGRATIONS_NOT_CLEAN", `schema ${module.schema} is not as its migrations make it`);
  }
  for (const schema of [mongoSchema, collectionsOf(vuln)]) await verifyMongo(db, schema);
}
