import { normalise } from "@stellaops/kernel";
import { runs, type Run } from "../aggregates.ts";
import type { RunStart, Transition } from "../repositories/runs.ts";
import { hasEnded, refuseRunMove } from "./run-states.ts";

/** Normalised, so that what is wrong is refused also when the run is there already. @throws `VALUE_…` (data) */
export const startedRun = ({ at, ...start }: RunStart): Run =>
  normalise(runs, {
    ...start,
    state: "planning",
    stats: {},
    startedAt: null,
    finishedAt: null,
    error: null,
    summarisedAt: null,
    createdAt: at,
    updatedAt: at,
  });

/** What a transition is guarded by and writes. @throws `RUN_TRANSITION` (conflict), `VALUE_CHOICE` (data) */
export function moved({ id, from, to, at, stats, error }: Transition) {
  refuseRunMove({ from, to });
  return {
    where: { id, state: from },
    set: {
      state: to,
      updatedAt: at,
      ...(to === "running" ? { startedAt: at } : {}),
      ...(hasEnded(to) ? { finishedAt: at } : {}),
      ...(stats === undefined ? {} : { stats }),
      ...(error === undefined ? {} : { error }),
    },
  };
}

/** Once for each run that has ended and has a schedule. */
export const summarised = (id: string, at: Date) => ({
  where: { id, summarisedAt: null },
  unless: { finishedAt: null, scheduleId: null },
  set: { summarisedAt: at, updatedAt: at },
});
