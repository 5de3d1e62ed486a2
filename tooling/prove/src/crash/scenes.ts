import { setTimeout as wait } from "node:timers/promises";
import { purgeTombstones, type Database, type FaultPoint } from "@stellaops/cutover";
import { vuln } from "@stellaops/vuln";
import type { Random } from "../random.ts";
import type { Work } from "./job.ts";
import type { Lane } from "./lane.ts";
import { adoptAll, missingAdopted, plantForeign } from "./adoption.ts";
import { forgetSome, repairAll } from "./repair.ts";
import { markAllPending, plantOutside, refuseNone, refuseSome, writeFromOutside } from "./plant.ts";

/** How a process comes to a point, and what is done after its death. */
export interface Scene {
  readonly points: readonly FaultPoint[];
  /** Where only one primary leads to the points. */
  readonly only?: Database;
  /** Others write past the library, and that has to be captured. */
  readonly outside?: boolean;
  /** The process that dies is the only one; the living service starts when it is dead. */
  readonly alone?: boolean;
  /** How often a process comes by at most before the one time that it dies. */
  readonly times?: number;
  /** Brings the lane to where the process begins; from its home, where the last attempt left it. `load` is the name of its load. */
  readonly prepare?: (lane: Lane, load: string) => Promise<void>;
  readonly work: (lane: Lane) => Work;
  /** What others do, again and again until the process is dead. */
  readonly meanwhile?: (lane: Lane, load: string) => Promise<void>;
  /** What is restarted, or done by an operator. Without it the living service is left alone with what it finds. */
  readonly restart?: (lane: Lane) => Promise<void>;
  /** What else has to hold; a sentence for each that does not. */
  readonly check?: (lane: Lane, load: string) => Promise<readonly string[]>;
  /** Back to the home. */
  readonly after?: (lane: Lane) => Promise<void>;
}

const home = async ({ rig, home: stage }: Lane): Promise<void> => void (await rig.goTo(stage));
const serve = (): Work => ({ kind: "serve" });

/** Out of replication and in again: a new generation, which nothing of the old one has. */
const newGeneration = async ({ rig, primary, kept }: Lane): Promise<void> => {
  await rig.goTo(kept);
  await rig.step(primary);
  await rig.step(kept);
};

export const scenes: readonly Scene[] = [
  { points: ["unit-begun", "unit-written", "unit-committed", "unit-handed"], times: 15, work: serve },
  { points: ["apply-taken", "apply-read", "apply-applied", "apply-cleared"], times: 10, work: serve },
  {
    points: ["apply-parked"],
    prepare: refuseSome,
    work: serve,
    restart: refuseNone,
  },
  {
    points: ["drain-found"],
    alone: true,
    work: serve,
    meanwhile: async (lane) => markAllPending(lane).then(() => wait(100)),
  },
  {
    points: ["capture-seen", "capture-stamped", "capture-saved"],
    only: "mongo",
    alone: true,
    outside: true,
    prepare: plantOutside,
    work: serve,
    meanwhile: async (lane, load) => writeFromOutside(lane, load).then(() => wait(50)),
  },
  { points: ["lease-granted"], times: 2, work: serve },
  {
    points: ["lease-ended"],
    work: serve,
    meanwhile: async ({ rig, moved, home: stage }) => {
      await rig.step(moved);
      await rig.step(stage);
    },
    after: home,
  },
  {
    points: [
      "after-intention",
      "after-fence",
      "after-drain",
      "after-ready",
      "after-decision",
      "after-leases",
      "after-open-new",
      "after-settled-new",
    ],
    work: ({ moved: to }) => ({ kind: "change", to }),
    after: home,
  },
  {
    points: ["after-close-old", "after-open", "after-settled"],
    work: ({ kept: to }) => ({ kind: "change", to }),
    after: home,
  },
  { points: ["after-revert"], work: ({ moved: to }) => ({ kind: "revert", to }), after: home },
  {
    points: ["backfill-claimed", "backfill-scanned", "backfill-applied", "backfill-saved"],
    times: 3,
    prepare: newGeneration,
    work: () => ({ kind: "backfill" }),
    restart: async ({ rig }) => void (await rig.backfill()),
    after: home,
  },
  {
    points: ["backfill-finished", "backfill-closed", "backfill-swept", "backfill-recorded"],
    prepare: newGeneration,
    work: () => ({ kind: "backfill" }),
    restart: async ({ rig }) => void (await rig.backfill()),
    after: home,
  },
  {
    points: ["purge-closed", "purge-deleted"],
    prepare: async ({ rig, kept, primary }) => {
      await rig.goTo(kept);
      await rig.step(primary);
    },
    work: () => ({ kind: "purge" }),
    restart: async ({ rig }) => {
      const { replicas, sides } = rig;
      await purgeTombstones({ module: vuln, sides, replicas, view: await rig.view(), olderThanMs: 0 });
    },
    after: home,
  },
  {
    points: ["adopt-stamped", "adopt-saved"],
    only: "mongo",
    times: 3,
    prepare: async (lane, load) => {
      await lane.rig.goTo(lane.kept);
      await lane.rig.step(lane.primary);
      await plantForeign(lane, load);
    },
    work: () => ({ kind: "adopt" }),
    restart: async ({ rig }) => adoptAll(rig.mongo),
    check: missingAdopted,
    after: home,
  },
  {
    points: ["repair-applied"],
    times: 6,
    prepare: forgetSome,
    work: () => ({ kind: "repair" }),
    restart: async ({ rig }) => repairAll(rig, await rig.view()),
  },
];

/** A change of the stage is finished by an operator who comes back, or else by the living service. */
export const restartOf = ({ restart, work }: Scene, lane: Lane, random: Random): ((lane: Lane) => Promise<void>) => {
  if (restart !== undefined) return restart;
  const { kind } = work(lane);
  return kind !== "serve" && random.chance(0.5) ? ({ recover }) => recover() : async () => {};
};
