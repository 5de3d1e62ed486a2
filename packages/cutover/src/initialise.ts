import { refused, transient } from "@stellaops/kernel";
import type { RecordState, StageRecord } from "./record.ts";
import type { Sides } from "./side.ts";
import { viewOf } from "./view.ts";
import type { StageView } from "./view.ts";

export interface Initialisation {
  readonly sides: Sides;
  readonly module: string;
  /** The database that holds the module's data now. */
  readonly stage: "mongo" | "postgres";
  readonly by: string;
  readonly reason: string;
}

/**
 * Gives the module its stage record. PostgreSQL's copy is written first, whichever database is to be the primary, so that of
 * two that begin differently one wins. May be repeated after a crash, with the same stage.
 *
 * @throws `STAGE_EXISTS` (refused) when the module has a stage record, or half of one that begins at the other stage.
 */
export async function initialise(initialisation: Initialisation): Promise<StageView> {
  const { sides, module, stage, by, reason } = initialisation;
  const [mongo, postgres] = await Promise.all([sides.mongo.records.read(), sides.postgres.records.read()]);
  const begun = stage === "mongo" && mongo === null && postgres?.state === "moved" && postgres.epoch === 0n;
  if (!begun && (mongo !== null || postgres !== null))
    throw refused("STAGE_EXISTS", `module ${module} has a stage record already; change the stage from where it is`);
  const copy = (database: StageRecord["database"], state: RecordState, epoch: bigint): StageRecord => ({
    module,
    database,
    state,
    epoch,
    stage,
    target: null,
    generation: 1n,
    generations: [],
    changedAt: new Date(0),
    changedBy: by,
    reason,
    evidence: null,
  });
  const first = copy("postgres", stage === "mongo" ? "moved" : "settled", stage === "mongo" ? 0n : 1n);
  const settled = copy(stage, "settled", 1n);
  const written = begun || (await sides.postgres.records.compareAndSet(null, first));
  if (stage === "postgres" && written) return viewOf(settled);
  if (written) {
    await sides.mongo.fence.open(1n);
    if (await sides.mongo.records.compareAndSet(null, settled)) return viewOf(settled);
  }
  throw transient("STAGE_CONTENDED", `somebody else is initialising module ${module}; look and try again`);
}
