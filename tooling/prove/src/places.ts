import { mongoReplica, mongoSide, postgresReplica, postgresSide, progressOf } from "@stellaops/cutover";
import type { Progress, Replicas, Sides } from "@stellaops/cutover";
import type { ModuleDefinition } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";

/** Where a module is moved and replicated. */
export interface Places {
  readonly sides: Sides;
  readonly replicas: Replicas;
  readonly progress: Progress;
}

/** `postgres` sees all tenants. */
export const placesOf = (module: ModuleDefinition, { pool }: Postgres, mongo: Mongo): Places => ({
  sides: { postgres: postgresSide(pool, module.name), mongo: mongoSide(mongo.db, module.name) },
  replicas: { postgres: postgresReplica(pool, module), mongo: mongoReplica(mongo, module) },
  progress: progressOf(pool, module.name),
});
