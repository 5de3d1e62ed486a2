import { setTimeout as wait } from "node:timers/promises";
import type { Replicas, Sides } from "@stellaops/cutover";

export const sabotages = {
  "no-restamp": "copied states keep their old generation, so that the sweep cannot tell them from what older ones left",
  "cursor-first": "the cursor is saved before what it stands behind was applied",
  "no-register": "a state is applied whatever the register says, also one that has waited",
  "open-applies": "the sweep does not close the applies of older generations",
  "ignore-foreign": "whoever captures says that it has captured everything, and captures nothing",
  "skip-lost-token": "that a position in the change stream was lost is forgotten as soon as the stream flows again",
} as const satisfies Readonly<Record<string, string>>;

type Fill = Replicas["postgres"]["fill"];

/** Between the reading of a page and its late application: others write meanwhile. */
const lateMs = 300;

/** The copying processes' way to the secondary, broken so. */
export function broken(replicas: Replicas, sabotage: string | null): Replicas {
  const { fill } = replicas.postgres;
  const fills: Readonly<Record<string, Fill>> = {
    "no-restamp": (aggregate, tenant, states, generation) =>
      fill(
        aggregate,
        tenant,
        states.map((state) => ({ ...state, generation: generation - 1n })),
        generation,
      ),
    "cursor-first": (...args) => {
      void wait(lateMs).then(() => fill(...args).catch(() => undefined));
      return Promise.resolve();
    },
    "no-register": async (aggregate, tenant, states, generation) => {
      await wait(lateMs);
      await fill(
        aggregate,
        tenant,
        states.map((state) => ({ ...state, generation: generation + 1n })),
        generation,
      );
    },
  };
  const other = sabotage === null ? undefined : fills[sabotage];
  return other === undefined ? replicas : { ...replicas, postgres: { ...replicas.postgres, fill: other } };
}

export const brokenSides = (sides: Sides, sabotage: string | null): Sides =>
  sabotage !== "open-applies"
    ? sides
    : {
        ...sides,
        postgres: { ...sides.postgres, fence: { ...sides.postgres.fence, closeApplies: () => Promise.resolve() } },
      };
