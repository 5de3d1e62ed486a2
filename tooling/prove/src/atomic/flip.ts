import { setTimeout as wait } from "node:timers/promises";
import { changeStage, drainedOf, type Stage } from "@stellaops/cutover";
import { familyOf } from "@stellaops/kernel";
import type { Places } from "../places.ts";
import type { Rigs } from "./place.ts";

export interface Flips {
  readonly "to postgres": number;
  readonly "to mongo": number;
}

const pauseMs = 500;

/** The primary of each module moves there and back, at least once, for as long as it may. */
export async function flipping({ all }: Rigs, going: () => boolean, sabotage: string | null): Promise<Flips> {
  const flips = { "to postgres": 0, "to mongo": 0 };
  const flip = async ({ sides, replicas }: Places): Promise<void> => {
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
  await Promise.all(all.map(({ rig }) => flip(rig)));
  return flips;
}
