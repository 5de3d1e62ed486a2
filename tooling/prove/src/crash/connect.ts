import { openMongo, type Mongo } from "@stellaops/mongo";
import { openPostgres, type Postgres } from "@stellaops/postgres";
import { vuln } from "@stellaops/vuln";
import { placesOf, type Places } from "../places.ts";
import type { Job } from "./job.ts";

/** A process of its own, connected to the places of a rig. */
export interface Connected extends Places, AsyncDisposable {
  /** As a service logs in. */
  readonly service: Postgres;
  /** Sees all tenants. */
  readonly copier: Postgres;
  readonly mongo: Mongo;
}

export function connect({ urls, database }: Pick<Job, "urls" | "database">): Connected {
  const service = openPostgres({ url: urls.app, max: 4, applicationName: "prove-worker" });
  const copier = openPostgres({ url: urls.replicator, max: 4, applicationName: "prove-worker" });
  const mongo = openMongo({ url: urls.mongo, database });
  return {
    ...placesOf(vuln, copier, mongo),
    service,
    copier,
    mongo,
    async [Symbol.asyncDispose]() {
      await Promise.all([service.close(), copier.close(), mongo.close()]);
    },
  };
}
