import {
  changeStage,
  drainedOf,
  initialise,
  showStage,
  stepTowards,
  type OpenOptions,
  type Stage,
} from "@stellaops/cutover";
import { openVuln, vuln, type Vuln } from "@stellaops/vuln";
import { placesOf } from "./places.ts";
import type { Rig } from "./rig.ts";

/** The module of a rig on a live source, and the steps of its stage. */
export interface Staged {
  /** As a service opens it. */
  open(options?: Partial<OpenOptions>): Promise<Vuln>;
  /** Step by step, with nothing in the way; what is pending has to be drained by a module that is open. */
  goTo(stage: Stage): Promise<void>;
  /** Until nothing waits for the secondary any more. */
  drained(): Promise<void>;
}

/** Begins the stage record: from then on the rig's own modules on fixed words are refused. */
export async function staged(rig: Rig, begin: "mongo" | "postgres"): Promise<Staged> {
  const { mongo, app } = rig;
  const { sides, replicas } = placesOf(rig);
  await initialise({ sides, module: vuln.name, stage: begin, by: "bench", reason: "begin" });
  const now = async (): Promise<Stage> => {
    const { situation } = await showStage(sides);
    if ("at" in situation) return situation.at.stage;
    throw new Error(`the module has no stage: ${situation.kind}`);
  };
  return {
    open: (options) => openVuln({ postgres: app, mongo, stage: "record", ...options }),
    async goTo(stage) {
      for (;;) {
        const target = stepTowards(await now(), stage);
        if (target === null) return;
        await changeStage({ sides, target, by: "bench", reason: "on the way", drained: drainedOf(replicas) });
      }
    },
    async drained() {
      for (;;) {
        const backlogs = await Promise.all([replicas.mongo.backlog(), replicas.postgres.backlog()]);
        if (backlogs.every(({ pending }) => pending === 0)) return;
      }
    },
  };
}
