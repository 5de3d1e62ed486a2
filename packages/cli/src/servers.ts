import { refused } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";

export const oldest = { PostgreSQL: 16, MongoDB: 6 } as const;

/** @throws `SERVER_VERSION` (refused) */
export function assertVersion(product: keyof typeof oldest, version: string): void {
  if (Number.parseInt(version, 10) >= oldest[product]) return;
  throw refused(
    "SERVER_VERSION",
    `this server is ${product} ${version}; ${oldest[product]} or later is needed: upgrade it, or give the URL of another`,
    { details: { product, version, oldest: oldest[product] } },
  );
}

/** Reaches PostgreSQL; its version. @throws `SERVER_VERSION` (refused), and family unavailable */
export async function reachPostgres(postgres: Postgres): Promise<string> {
  const { version } = await postgres.ping();
  assertVersion("PostgreSQL", version);
  return version;
}

/** Reaches MongoDB; its version. @throws `SERVER_VERSION`, `MONGO_STANDALONE` (refused), and family unavailable */
export async function reachMongo(mongo: Mongo): Promise<{ readonly version: string; readonly replicaSet: string }> {
  const { version, replicaSet } = await mongo.ping();
  assertVersion("MongoDB", version);
  if (replicaSet !== null) return { version, replicaSet };
  throw refused(
    "MONGO_STANDALONE",
    "this MongoDB is a standalone server, which has no transactions: start it with --replSet and run rs.initiate() (one member will do)",
  );
}
