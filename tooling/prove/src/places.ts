import { mongoReplica, mongoSide, postgresReplica, postgresSide, progressOf } from "@stellaops/cutover";
import type { Progress, Replicas, Sides } from "@stellaops/cutover";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import { vuln } from "@stellaops/vuln";

/** Where the vuln module is moved and replicated. */
export interface Places {
  readonly sides: Sides;
  readonly replicas: Replicas;
  readonly progress: Progress;
}

/** `postgres` sees all tenants. */
export const placesOf = ({ pool }: Postgres, mongo: Mongo): Places => ({
  sides: { postgres: postgresSide(pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) },
  replicas: { postgres: postgresReplica(pool, vuln), mongo: mongoReplica(mongo, vuln) },
  progress: progressOf(pool, vuln.name),
});
