import {
  mongoReplica,
  mongoSide,
  postgresReplica,
  postgresSide,
  progressOf,
  viewOf,
  situationOf,
  type Progress,
  type Replicas,
  type Sides,
  type StageView,
} from "@stellaops/cutover";
import { refused, type ModuleDefinition } from "@stellaops/kernel";
import type { Mongo } from "@stellaops/mongo";
import type { Postgres } from "@stellaops/postgres";
import type { Context } from "../context.ts";
import { moduleOf } from "../modules.ts";
import { reachMongo, reachPostgres } from "../servers.ts";

/** A module with both of its databases, as an operator works with it: over a login that sees the rows of all tenants. */
export interface Wired {
  readonly module: ModuleDefinition;
  readonly postgres: Postgres;
  readonly mongo: Mongo;
  readonly sides: Sides;
  readonly replicas: Replicas;
  readonly progress: Progress;
}

/** Connects to nothing yet: a step that keeps the primary works with the secondary dead. */
export function wire({ connections }: Context, name: string): Wired {
  const module = moduleOf(name);
  const postgres = connections.postgres("replicatorUrl", name);
  const mongo = connections.mongo(name);
  return {
    module,
    postgres,
    mongo,
    sides: { postgres: postgresSide(postgres.pool, name), mongo: mongoSide(mongo.db, name) },
    replicas: { postgres: postgresReplica(postgres.pool, module), mongo: mongoReplica(mongo, module) },
    progress: progressOf(postgres.pool, name),
  };
}

/** Both servers answer, are new enough, and the login sees all tenants. @throws `REPLICATOR_ROLE` (refused), and what `reach…` throws */
export async function reachBoth({ postgres, mongo }: Wired): Promise<void> {
  await reachPostgres(postgres);
  await reachMongo(mongo);
  const { rows } = await postgres.pool.query<{ readonly role: string; readonly sees: boolean }>(
    "select current_user as role, rolbypassrls or rolsuper as sees from pg_roles where rolname = current_user",
  );
  if (rows[0]?.sees === true) return;
  throw refused(
    "REPLICATOR_ROLE",
    `${rows[0]?.role} is held to one tenant by row-level security; let STELLA_REPLICATOR_URL log in as stella_replicator, which bypasses it`,
  );
}

/** The stage as it is settled now. @throws `STAGE_NONE`, `STAGE_UNDER_WAY` (refused), `STAGE_UNKNOWN` (unavailable) */
export async function settledView({ sides, module }: Wired): Promise<StageView> {
  const { kind, at } = await situationOf(sides);
  if (kind === "settled") return viewOf(at);
  throw refused(
    "STAGE_UNDER_WAY",
    `a change of the stage of module ${module.name} is under way (${kind}); run \`stella-data stage recover --module ${module.name}\` to finish it`,
    { details: { kind, from: at.stage, to: at.target } },
  );
}
