import { setTimeout as wait } from "node:timers/promises";
import { changeStage, drainedOf, type Stage } from "@stellaops/cutover";
import { familyOf } from "@stellaops/kernel";
import type { Rigs } from "./place.ts";

export interface Flips {
  readonly "to postgres": number;
  readonly "to mongo": number;
}

const pauseMs = 500;

/** The primary of both modules moves there and back, at least once each, for as long as it may. */
export async function flipping(rigs: Rigs, going: () => boolean, sabotage: string | null): Promise<Flips> {
  const flips = { "to postgres": 0, "to mongo": 0 };
  const flip = async (module: "authority" | "scheduler"): Promise<void> => {
    const { sides, replicas } = rigs[module];
    const drained = sabotage === "no-drain" ? () => Promise.resolve(true) : drainedOf(replicas);
    for (let stage: Stage = "shadow"; going() || stage === "live";) {
      await wait(pauseMs);
      const target: Stage = stage === "shadow" ? "live" : "shadow";
      try {
        await changeStage({ sides, target, by: "prove", reason: "there and back", drained });
      } catch (error) {
        // Too busy for its deadlines, or waiting for a process that was killed: the change was taken back.
        if (familyOf(error) !== "transient" && familyOf(error) !== "refused") throw error;
        continue;
      }
      stage = target;
      flips[target === "live" ? "to postgres" : "to mongo"] += 1;
    }
  };
  await Promise.all([flip("authority"), flip("scheduler")]);
  return flips;
}
