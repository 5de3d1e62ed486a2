import { mongoReplica, mongoSide, postgresReplica, postgresSide, progressOf } from "@stellaops/cutover";
import type { Progress, Replicas, Sides } from "@stellaops/cutover";
import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { vuln } from "@stellaops/vuln";
import type { Job } from "./job.ts";

export interface Places extends AsyncDisposable {
  /** As a service logs in. */
  readonly service: Postgres;
  /** Sees all tenants. */
  readonly copier: Postgres;
  readonly mongo: Mongo;
  readonly sides: Sides;
  readonly replicas: Replicas;
  readonly progress: Progress;
}

export function connect({ urls, database }: Pick<Job, "urls" | "database">): Places {
  const service = openPostgres({ url: urls.app, max: 4, applicationName: "prove-worker" });
  const copier = openPostgres({ url: urls.replicator, max: 4, applicationName: "prove-worker" });
  const mongo = openMongo({ url: urls.mongo, database });
  return {
    service,
    copier,
    mongo,
    sides: { postgres: postgresSide(copier.pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) },
    replicas: { postgres: postgresReplica(copier.pool, vuln), mongo: mongoReplica(mongo, vuln) },
    progress: progressOf(copier.pool, vuln.name),
    async [Symbol.asyncDispose]() {
      await Promise.all([service.close(), copier.close(), mongo.close()]);
    },
  };
}
