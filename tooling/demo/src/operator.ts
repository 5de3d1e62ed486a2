import {
  backfill,
  changeStage,
  drainedOf,
  initialise,
  mongoReplica,
  mongoSide,
  postgresReplica,
  postgresSide,
  progressOf,
  showStage,
  viewOf,
  type BackfillProgress,
  type Stage,
  type StageView,
} from "@stellaops/cutover";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import { vuln } from "@stellaops/vuln";

export interface Switch {
  readonly from: Stage;
  readonly to: Stage;
  readonly ms: number;
}

/** What an operator does from the command line, as calls: the same functions that `stella-data` uses. */
export interface Operator {
  begin(): Promise<void>;
  advance(to: Stage): Promise<Switch>;
  backfill(onProgress: (progress: BackfillProgress) => void): ReturnType<typeof backfill>;
  compare(): Promise<Comparison>;
}

export function operatorOf(postgres: Postgres, mongo: Mongo): Operator {
  const sides = { postgres: postgresSide(postgres.pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) };
  const replicas = { postgres: postgresReplica(postgres.pool, vuln), mongo: mongoReplica(mongo, vuln) };
  const progress = progressOf(postgres.pool, vuln.name);
  const view = async (): Promise<StageView> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return viewOf(situation.at);
    throw new Error(`the module has no stage: ${situation.kind}`);
  };
  const compare = async (): Promise<Comparison> =>
    ({ aggregates: [] });
  return {
    compare,
    async begin() {
      await initialise({ sides, module: vuln.name, stage: "mongo", by: "demo", reason: "the data is in MongoDB" });
    },
    async advance(to) {
      const { stage: from } = await view();
      let begun = performance.now();
      await changeStage({
        sides,
        target: to,
        by: "demo",
        reason: `demo: ${from} to ${to}`,
        drained: drainedOf(replicas),
        guard: async () => {
          begun = performance.now();
          return null;
        },
      });
      return { from, to, ms: Math.round(performance.now() - begun) };
    },
    backfill: (onProgress) => backfill({ module: vuln, replicas, sides, progress, view, onProgress }),
  };
}

export const findingsOf = (_: Comparison) => 0; type Comparison = { aggregates: any[] };
