import {
  changeStage,
  drainedOf,
  initialise,
  mongoReplica,
  mongoSide,
  postgresReplica,
  postgresSide,
  progressOf,
  situationOf,
  viewOf,
  type BackfillOptions,
} from "@stellaops/cutover";
import { vuln } from "@stellaops/vuln";
import type { Rig } from "./rig.ts";

/** Where the module of a rig is moved and replicated. */
export const placesOf = ({ replicator: { pool }, mongo }: Rig) => ({
  sides: { postgres: postgresSide(pool, vuln.name), mongo: mongoSide(mongo.db, vuln.name) },
  replicas: { postgres: postgresReplica(pool, vuln), mongo: mongoReplica(mongo, vuln) },
});

/** The module at the stage in which MongoDB's data is copied: what its backfill is given. */
export async function replicating(rig: Rig): Promise<BackfillOptions> {
  const { sides, replicas } = placesOf(rig);
  const by = "bench";
  await initialise({ sides, module: vuln.name, stage: "mongo", by, reason: by });
  await changeStage({ sides, target: "dual-write", by, reason: by, drained: drainedOf(replicas) });
  const view = async () => viewOf((await situationOf(sides)).at);
  return { module: vuln, replicas, sides, progress: progressOf(rig.replicator.pool, vuln.name), view };
}
